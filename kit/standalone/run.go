package standalone

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/settings"
	"github.com/grokputer/grokputer/kit/telemetry"
	"github.com/grokputer/grokputer/kit/unit"
)

// flushTimeout bounds the sending of what telemetry still holds at the end.
const flushTimeout = 5 * time.Second

// Program is a service's settings, which embed Settings, and the way from them
// to the unit. It is a pointer to a kong struct.
type Program interface {
	settings() *Settings
	// Name is the service's name, Description its line in the help.
	Name() string
	Description() string
	// Unit puts the service together. What it opens, it closes with later, which
	// is called after the unit has ended, the last first.
	Unit(ctx context.Context, env unit.Env, later func(func())) (unit.Unit, error)
}

// Main runs the program with the process's arguments until a signal ends it,
// and exits with 1 when it failed.
func Main(p Program) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := Run(ctx, p, os.Args[1:], func() {})
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name(), err)
		os.Exit(1)
	}
}

// Run reads the settings and runs the service until ctx ends. Ready is called
// once it serves.
func Run(ctx context.Context, p Program, args []string, ready func()) (err error) {
	if _, err := settings.Parse(args, p, settings.Options{
		Name: p.Name(), Description: p.Description(), Files: settings.Files(), Shared: true,
	}); err != nil {
		return err
	}
	s := p.settings()
	if s.Data == "" {
		if s.Data, err = settings.DataDir(); err != nil {
			return err
		}
	}
	t, flush, err := telemetry.Setup(ctx, telemetry.Options{
		Service: p.Name(), Endpoint: s.OTLP, LogLevel: s.Log.Level, LogFormat: s.Log.Format,
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		err = errors.Join(err, flush(ctx))
	}()
	return serve(ctx, p, t, ready)
}

// serve connects to the servers and runs the unit.
func serve(ctx context.Context, p Program, t telemetry.Telemetry, ready func()) error {
	s := p.settings()
	if err := s.fillKeys(); err != nil {
		return err
	}
	b, err := bus.Connect(ctx, s.bus(p.Name(), t))
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Provision(ctx); err != nil {
		return err
	}
	blobs, err := blob.Open(ctx, s.blobs())
	if err != nil {
		return err
	}
	defer blobs.Close()
	env := unit.Env{Bus: b, Blobs: blobs, Log: t.Log, Tracer: t.Tracer, DataDir: s.Data, Ready: ready}
	var closes []func()
	defer func() {
		for i := range closes {
			closes[len(closes)-1-i]()
		}
	}()
	u, err := p.Unit(ctx, env, func(f func()) { closes = append(closes, f) })
	if err != nil {
		return err
	}
	return unit.Run(ctx, env, u)
}
