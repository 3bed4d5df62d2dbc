package actor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/kit/unit"
)

// Ports are what the actor needs of the world.
type Ports struct {
	Planner Planner
	Hands   Hands
	Eyes    Eyes
	Apps    Apps
	Vault   Vault
	// StopKey is what a person holds to stop everything; there is none when nil.
	StopKey StopKey
	// Secrets are what {{secret:name}} stands for in a text to type; there are none when nil.
	Secrets secrets.Store
	// Adapters say which adapter each request is made with; nil leaves that to the planner.
	Adapters Adapters
	// Frames are the pictures that Eyes point to; the unit's blob store when nil.
	Frames Frames
}

// Actor is the service as a unit.
type Actor struct {
	config Config
	ports  Ports
}

var _ unit.Unit = (*Actor)(nil)

// New returns the actor of one desktop.
func New(c Config, p Ports) (*Actor, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("actor: %w", err)
	}
	if p.Planner == nil || p.Hands == nil || p.Eyes == nil || p.Apps == nil || p.Vault == nil {
		return nil, errors.New("actor: it needs a planner, hands, eyes, apps and a vault")
	}
	return &Actor{config: c, ports: p}, nil
}

// Name implements unit.Unit.
func (a *Actor) Name() string { return "actor" }

// LogDir is the folder below the data directory that holds a folder for each session.
func LogDir(dataDir string) string { return filepath.Join(dataDir, "logs") }

// errLeaseLost ends the unit, which is then started again.
var errLeaseLost = errors.New("another process may work on this desktop")

// Run implements unit.Unit: it serves until ctx ends. A task that is under way
// then is left as it stands and goes on at the next start.
func (a *Actor) Run(ctx context.Context, env unit.Env) error {
	s, err := a.service(ctx, env)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	lease, err := s.bus.AwaitLease(ctx, "desktop."+s.config.Desktop, s.config.LeaseTTL)
	if err != nil {
		return err
	}
	defer lease.GiveBack(ctx)
	return s.serve(ctx, lease.Lost(), env.Ready)
}

// service is one run of the actor.
type service struct {
	config  Config
	ports   Ports
	bus     *bus.Bus
	log     *slog.Logger
	tracer  trace.Tracer
	dataDir string
	tasks   tasks
	journal journal
	queue   *queue
	current current
	inputs  sync.Mutex // held while input goes to the desktop
	// calibrated are the monitors on which the pointer was tried out.
	calibrated []contracts.Monitor
}

func (a *Actor) service(ctx context.Context, env unit.Env) (*service, error) {
	s := &service{
		config: a.config, ports: a.ports, bus: env.Bus, log: env.Log, tracer: env.Tracer, dataDir: env.DataDir,
		queue: newQueue(),
	}
	if s.ports.Frames == nil {
		if env.Blobs == nil {
			return nil, errors.New("it needs a blob store")
		}
		s.ports.Frames = env.Blobs
	}
	if err := os.MkdirAll(LogDir(env.DataDir), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the session logs: %w", err)
	}
	states, err := env.Bus.KV(ctx, contracts.BucketTasks)
	if err != nil {
		return nil, err
	}
	entries, err := env.Bus.KV(ctx, contracts.BucketJournal)
	if err != nil {
		return nil, err
	}
	s.tasks, s.journal = tasks{kv: states, log: env.Log}, journal{kv: entries, log: env.Log}
	return s, nil
}

// serve works until ctx ends, the lease is lost, or a worker fails.
func (s *service) serve(ctx context.Context, lost <-chan struct{}, ready func()) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// A crash may have left keys and buttons pressed. Without a display there is
	// nothing to let go of.
	if err := s.ports.Hands.Release(ctx); err != nil && !errors.Is(err, ErrNoDisplay) {
		return fmt.Errorf("let go of held keys: %w", err)
	}
	if err := s.aligned(ctx, contracts.Frame{}); err != nil && !errors.Is(err, ErrNoDisplay) {
		return err
	}
	endControls, err := s.controls(ctx)
	if err != nil {
		return err
	}
	defer endControls()
	service, err := s.answerStatus()
	if err != nil {
		return err
	}
	defer func() { _ = service.Stop() }() // the connection may be gone
	if err := s.enqueueUnfinished(ctx); err != nil {
		return err
	}
	var workers sync.WaitGroup
	work := func(f func(context.Context) error) {
		workers.Go(func() {
			if err := f(ctx); err != nil {
				cancel(err)
			}
		})
	}
	work(func(ctx context.Context) error {
		select {
		case <-lost:
			return errLeaseLost
		case <-ctx.Done():
			return nil
		}
	})
	for _, c := range contracts.Consumers() {
		switch c.Durable {
		case contracts.DurableActorTasks:
			work(func(ctx context.Context) error { return s.bus.Work(ctx, c, 1, s.accept) })
		case contracts.DurableActorCancels:
			work(func(ctx context.Context) error { return s.bus.Work(ctx, c, 1, s.cancelled) })
		case contracts.DurableActorFeedback:
			work(func(ctx context.Context) error { return s.bus.Work(ctx, c, 1, s.rated) })
		}
	}
	work(s.runTasks)
	ready()
	workers.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
