package unit_test

import (
	"context"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/busserver"
	"github.com/grokputer/grokputer/kit/unit"
)

// waits signals each time that the bus says that it waits for the server.
type waits struct {
	slog.Handler

	signal chan struct{}
}

func (w waits) Enabled(context.Context, slog.Level) bool { return true }

func (w waits) Handle(_ context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "reach NATS failed") {
		w.signal <- struct{}{}
	}
	return nil
}

// However often NATS goes away, a unit that fails because of it is started again.
func TestNATSAwayIsNoFailureOfTheUnit(t *testing.T) {
	t.Parallel()
	options := busserver.Options{StoreDir: t.TempDir(), Port: busserver.RandomPort, User: "u", Password: "p"}
	start := func() *busserver.Server {
		t.Helper()
		s, err := busserver.Start(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	server := start()
	address, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if options.Port, err = strconv.Atoi(address.Port()); err != nil {
		t.Fatal(err)
	}
	waiting := waits{slog.DiscardHandler, make(chan struct{}, 1)}
	b, err := bus.Connect(t.Context(), bus.Options{URL: server.URL(), User: "u", Password: "p", Log: slog.New(waiting)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Provision(t.Context()); err != nil {
		t.Fatal(err)
	}
	serves, fail := make(chan struct{}), make(chan struct{})
	u := fake{"needy", func(ctx context.Context, env unit.Env) error {
		if _, err := env.Bus.KV(ctx, contracts.BucketTasks); err != nil {
			return err
		}
		env.Ready()
		serves <- struct{}{}
		select {
		case <-fail:
			return errTest
		case <-ctx.Done():
			return nil
		}
	}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- unit.Run(ctx, unit.Env{Bus: b}, u) }()
	wait := func() {
		t.Helper()
		select {
		case <-serves:
		case err := <-ended:
			t.Fatalf("it gave up: %v", err)
		case <-time.After(time.Minute):
			t.Fatal("it does not serve")
		}
	}
	wait()
	for range 6 { // more often than a unit may fail
		if err := server.Shutdown(); err != nil {
			t.Fatal(err)
		}
		fail <- struct{}{}
		<-waiting.signal // it is not there yet
		server = start()
		wait()
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	b.Close()
	if err := server.Shutdown(); err != nil {
		t.Error(err)
	}
}
