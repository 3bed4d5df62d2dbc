package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/unit"
)

// Registry is the service as a unit.
type Registry struct{ options Options }

var _ unit.Unit = (*Registry)(nil)

// New returns the service.
func New(o Options) (*Registry, error) {
	if o.Version == "" {
		return nil, errors.New("registry: version is empty, want a semantic version")
	}
	if o.Look <= 0 {
		return nil, fmt.Errorf("registry: look is %s, want a time", o.Look)
	}
	if o.Plan != nil {
		if err := o.Plan.Validate(); err != nil {
			return nil, fmt.Errorf("registry: %w", err)
		}
	}
	return &Registry{options: o}, nil
}

// Name implements unit.Unit.
func (r *Registry) Name() string { return "registry" }

// Run implements unit.Unit: it serves until ctx ends. Several may run at once.
func (r *Registry) Run(ctx context.Context, env unit.Env) error {
	if env.Blobs == nil {
		return errors.New("start: it needs a blob store")
	}
	s := &service{options: r.options, bus: env.Bus, blobs: env.Blobs, log: env.Log, news: make(chan struct{}, 1), ledger: newLedger()}
	kv, err := env.Bus.KV(ctx, contracts.BucketAdapters)
	if err != nil {
		return err
	}
	s.versions = versions{kv}
	if kv, err = env.Bus.KV(ctx, contracts.BucketAliases); err != nil {
		return err
	}
	s.aliases = aliases{kv}
	if kv, err = env.Bus.KV(ctx, contracts.BucketExperiments); err != nil {
		return err
	}
	s.experiments = experiments{kv}
	if err := eachRole(ctx, s.finish); err != nil {
		return fmt.Errorf("start: finish the last decisions: %w", err)
	}
	if err := s.publishStarter(ctx); err != nil {
		return fmt.Errorf("start: the starter adapter: %w", err)
	}
	return s.serve(ctx, env.Ready)
}

// service is one run of the registry.
type service struct {
	options  Options
	bus      *bus.Bus
	blobs    *blob.Store
	log      *slog.Logger
	versions versions
	aliases  aliases

	experiments experiments
	// news holds a mark when something became known of a session.
	news   chan struct{}
	ledger *ledger
}

// serve works until ctx ends or a worker fails.
func (s *service) serve(ctx context.Context, ready func()) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answers, err := s.answer(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = answers.Stop() }() // the connection may be gone
	var workers sync.WaitGroup
	handlers := map[string]bus.Handler{
		contracts.DurableRegistryAdapters: s.published,
		contracts.DurableRegistryTasks:    s.ended,
		contracts.DurableRegistryFeedback: s.rated,
	}
	for _, c := range contracts.Consumers() {
		handle, ours := handlers[c.Durable]
		if !ours {
			continue
		}
		workers.Go(func() {
			if err := s.bus.Work(ctx, c, 1, handle); err != nil {
				cancel(err)
			}
		})
	}
	workers.Go(func() { s.watch(ctx) })
	ready()
	workers.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
