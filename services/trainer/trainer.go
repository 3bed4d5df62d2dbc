package trainer

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
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/unit"
)

// leaseKey is held by the one process that trains.
const leaseKey = "trainer"

// errLeaseLost ends the unit, which is then started again.
var errLeaseLost = errors.New("another process may do the trainings")

// Trainer is the service as a unit.
type Trainer struct {
	config Config
	runner Runner
}

var _ unit.Unit = (*Trainer)(nil)

// New returns the service. The runner does the trainings.
func New(c Config, r Runner) (*Trainer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("trainer: %w", err)
	}
	if r == nil {
		return nil, errors.New("trainer: it needs a runner")
	}
	return &Trainer{config: c, runner: r}, nil
}

// Name implements unit.Unit.
func (t *Trainer) Name() string { return "trainer" }

// Run implements unit.Unit: it serves until ctx ends. A job that is under way then
// goes on at the next start.
func (t *Trainer) Run(ctx context.Context, env unit.Env) error {
	if env.Blobs == nil {
		return errors.New("start: it needs a blob store")
	}
	s := &service{
		config: t.config, runner: t.runner, bus: env.Bus, blobs: env.Blobs, log: env.Log, tracer: env.Tracer,
		folder: filepath.Join(env.DataDir, "trainer"), ledger: newLedger(),
		faults: newFaults(), wake: make(chan struct{}, 1),
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return fmt.Errorf("start: make the folder of the trainings: %w", err)
	}
	lease, err := s.bus.AwaitLease(ctx, leaseKey, s.config.LeaseTTL)
	if err != nil {
		return err
	}
	defer lease.GiveBack(ctx)
	if err := s.recall(ctx); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return s.serve(ctx, lease.Lost(), env.Ready)
}

// service is one run of the trainer.
type service struct {
	config Config
	runner Runner
	bus    *bus.Bus
	blobs  *blob.Store
	log    *slog.Logger
	tracer trace.Tracer
	folder string
	ledger *ledger
	jobs   jobs
	faults *faults
	wake   chan struct{} // holds one value when a job may wait

	deciding sync.Mutex // held while it is decided whether a job begins
	current  current
}

// recall reads the ratings that there are, and the job that a crash left behind.
func (s *service) recall(ctx context.Context) error {
	kv, err := s.bus.KV(ctx, contracts.BucketJobs)
	if err != nil {
		return err
	}
	s.jobs = jobs{kv: kv}
	last, err := s.bus.LastSequence(ctx, contracts.StreamFeedback)
	if err != nil {
		return err
	}
	if last > 0 {
		err := s.bus.Watch(ctx, contracts.StreamFeedback, nil, bus.FromStart(), func(m bus.Message) error {
			if err := s.note(m); err != nil {
				s.log.Warn("an event of the past cannot be read", "subject", m.Subject, "err", err)
			}
			if m.Sequence >= last {
				return bus.ErrStop
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	known, err := s.jobs.list(ctx)
	if err != nil {
		return err
	}
	for i := range known {
		s.current.set(&known[i])
	}
	return s.tidy()
}

// tidy removes the folders of jobs that have ended: a crash may have come between
// a job's end and this.
func (s *service) tidy() error {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return fmt.Errorf("read the folder of the trainings: %w", err)
	}
	running := s.current.running()
	for _, e := range entries {
		if running != nil && e.Name() == running.JobID {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.folder, e.Name())); err != nil {
			return fmt.Errorf("remove the folder of an ended training: %w", err)
		}
	}
	return nil
}

// note adds an event of the FEEDBACK stream to the ledger.
func (s *service) note(m bus.Message) error {
	switch contracts.KindOf(m.Subject) {
	case "feedback.submitted":
		f, err := bus.Decode[contracts.FeedbackSubmitted](m)
		if err != nil {
			return err
		}
		s.ledger.rate(m.Sequence, f)
	case "feedback.deleted":
		f, err := bus.Decode[contracts.FeedbackDeleted](m)
		if err != nil {
			return err
		}
		s.ledger.forget(m.Sequence, f.TaskID)
	}
	return nil
}

// serve works until ctx ends, the lease is lost, or a worker fails.
func (s *service) serve(ctx context.Context, lost <-chan struct{}, ready func()) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answers, err := s.answer(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = answers.Stop() }() // the connection may be gone
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
		case contracts.DurableTrainerFeedback:
			work(func(ctx context.Context) error { return s.bus.Work(ctx, c, 1, s.rated) })
		case contracts.DurableTrainerRequests:
			work(func(ctx context.Context) error { return s.bus.Work(ctx, c, 1, s.requested) })
		}
	}
	work(s.runJobs)
	work(s.watchClock)
	work(s.readFaults)
	s.stir()
	ready()
	workers.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// stir has the jobs looked at.
func (s *service) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
