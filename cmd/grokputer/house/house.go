package house

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/credentials"
	"github.com/grokputer/grokputer/kit/unit"
)

// closeTimeout bounds each part of Close that could hang.
const closeTimeout = 5 * time.Second

// House is a running house. Open, Serve and Close are called by one goroutine.
type House struct {
	config Config
	state  State
	keys   credentials.Credentials
	bus    *bus.Bus
	blobs  *blob.Store
	// natsClient is how the nats client is called to use the embedded server;
	// empty when it does not know of it.
	natsClient string
	screenGone <-chan struct{}               // closed when a screen of our own has ended; nil without one
	closes     []func(context.Context) error // in the order of opening
	once       sync.Once
	err        error
}

// Open claims the data folder and starts or joins the servers and the screen.
// The environment of this process names the screen afterwards, because the
// programs that the agent opens and the library that takes pictures find it
// there: so there is one house in a process, opened before any X program code runs.
func Open(ctx context.Context, c Config) (*House, error) {
	h := newHouse(c)
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return h.open(ctx, h.claim, h.openNATS, h.openS3, h.openScreen, h.joinNATS, h.joinS3, h.writeContext)
}

// OpenStore opens only what it takes to work on the stored objects while no
// house is up.
func OpenStore(ctx context.Context, c Config) (*House, error) {
	h := newHouse(c)
	return h.open(ctx, h.claim, h.openS3, h.joinS3)
}

func newHouse(c Config) *House {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &House{config: c, state: State{PID: os.Getpid(), Started: time.Now().UTC(), Desktop: c.Actor.Desktop}}
}

// open takes the steps in order, and all of them back when one fails.
func (h *House) open(ctx context.Context, steps ...func(context.Context) error) (*House, error) {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, h.Close(ctx))
		}
	}
	return h, nil
}

// later has Close call f, after all that was opened afterwards is closed.
func (h *House) later(f func() error) {
	h.laterIn(func(context.Context) error { return f() })
}

// laterIn is later for what takes a context.
func (h *House) laterIn(f func(context.Context) error) { h.closes = append(h.closes, f) }

// claim makes this the data folder's one house and reads its secrets.
func (h *House) claim(context.Context) error {
	if err := os.MkdirAll(h.config.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := claim(h.config.Data)
	if err != nil {
		return err
	}
	h.later(lock.Release)
	h.later(func() error { return forget(h.config.Data) })
	h.keys, err = credentials.Ensure(h.config.Data)
	return err
}

// State is where the house is.
func (h *House) State() State { return h.state }

// NATSClient is how the ordinary nats client is called to reach the embedded
// server; empty when it knows nothing of it.
func (h *House) NATSClient() string { return h.natsClient }

// Bus is the house's own connection to NATS.
func (h *House) Bus() *bus.Bus { return h.bus }

// Blobs is the house's own connection to the S3 server.
func (h *House) Blobs() *blob.Store { return h.blobs }

// ErrScreenGone means that the screen of our own has ended.
var ErrScreenGone = errors.New("the screen has ended, and with it all that was on it")

// Serve runs the services until ctx ends, and returns nil then. When all of
// them serve, other processes can find the house, and ready is called, once.
func (h *House) Serve(ctx context.Context, ready func()) error {
	units, err := h.units()
	if err != nil {
		return err
	}
	serving, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	env := unit.Env{Bus: h.bus, Blobs: h.blobs, Log: h.config.Log, DataDir: h.config.Data, Ready: func() {
		if err := tell(h.config.Data, h.state); err != nil {
			cancel(err)
			return
		}
		ready()
	}}
	if h.config.Tracing != nil {
		env.Tracer = h.config.Tracing.Tracer("github.com/grokputer/grokputer/cmd/grokputer")
	}
	stop := h.watchScreen(serving, cancel)
	err = unit.Run(serving, env, units...)
	if cause := context.Cause(serving); ctx.Err() == nil && cause != nil {
		err = errors.Join(cause, err)
	}
	cancel(nil)
	stop()
	return err
}

// watchScreen cancels with ErrScreenGone when a screen of our own ends by
// itself. stop waits for the watch to end, which it does with ctx.
func (h *House) watchScreen(ctx context.Context, cancel context.CancelCauseFunc) (stop func()) {
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-h.screenGone:
			cancel(ErrScreenGone)
		case <-ctx.Done():
		}
	}()
	return func() { <-watched }
}

// Close ends everything that Open and Serve started, the last first, although
// ctx may have ended. It does nothing the second time.
func (h *House) Close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	h.once.Do(func() {
		for _, f := range slices.Backward(h.closes) {
			h.err = errors.Join(h.err, f(ctx))
		}
	})
	return h.err
}
