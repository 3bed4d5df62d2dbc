package feedback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/unit"
)

// Options are the settings of the service.
type Options struct {
	// Patience is how long storing a rating may take while NATS or S3 is away; after
	// that nothing is acknowledged.
	Patience time.Duration
	// Window is over how many of the last rated sessions Stats are taken.
	Window int
	// Hook is called between two writes that belong together; nil outside of tests.
	Hook func(Moment) error
}

// DefaultOptions returns the settings that the documentation gives.
func DefaultOptions() Options { return Options{Patience: 8 * time.Second, Window: 50} }

// Moment is a point in the taking of a rating at which a test may end it.
type Moment string

// The moments, in order.
const (
	AfterBundle  Moment = "bundle"  // the bundle is in S3, nothing tells of it
	AfterPublish Moment = "publish" // the rating's event is stored, the projection does not know it
)

// Service is the domain: it keeps the projection up to date and is the Desk of the doors.
type Service struct {
	options Options
	store   Store
	bus     *bus.Bus
	blobs   *blob.Store
	log     *slog.Logger
	tracer  trace.Tracer

	rating   sync.Mutex // held while a rating is taken or a session deleted
	position position
}

var _ Desk = (*Service)(nil)

// New returns the service on a store and a unit's environment. Project keeps the store
// up to date.
func New(o Options, store Store, env unit.Env) (*Service, error) {
	if store == nil || env.Bus == nil || env.Blobs == nil {
		return nil, errors.New("feedback: it needs a projection, a bus and a blob store")
	}
	if o.Window < 1 || o.Patience <= 0 {
		return nil, errors.New("feedback: window and patience have to be positive")
	}
	return &Service{
		options: o, store: store, bus: env.Bus, blobs: env.Blobs, log: env.Log, tracer: env.Tracer,
		position: position{moved: make(chan struct{}), at: map[string]uint64{}},
	}, nil
}

func (s *Service) at(m Moment) error {
	if s.options.Hook == nil {
		return nil
	}
	return s.options.Hook(m)
}

// position is how far the projection has come in each stream.
type position struct {
	mu    sync.Mutex
	at    map[string]uint64
	moved chan struct{} // closed, and replaced, at each move
}

func (p *position) set(stream string, sequence uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at[stream] = max(p.at[stream], sequence)
	close(p.moved)
	p.moved = make(chan struct{})
}

func (p *position) get(stream string) (sequence uint64, moved <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at[stream], p.moved
}

// freshness is how long a reader waits for the projection to know what is stored.
const freshness = 3 * time.Second

// fresh waits until the projection knows every event that was stored before the call:
// who has just seen a task end finds it ended. A projection that is made anew, or a
// server that is away, is not waited for long: false says that events may be missing.
func (s *Service) fresh(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, freshness)
	defer cancel()
	for _, stream := range []string{contracts.StreamTasks, contracts.StreamFeedback} {
		last, err := s.lastStored(ctx, stream)
		if err != nil {
			s.log.Debug("it is not known whether the projection is up to date", "err", err)
			return false
		}
		for {
			at, moved := s.position.get(stream)
			if at >= last {
				break
			}
			select {
			case <-moved:
			case <-ctx.Done():
				s.log.Debug("the projection is behind", "stream", stream, "at", at, "last", last)
				return false
			}
		}
	}
	return true
}

// ended returns a session that has ended, with its steps. Whether a session is there and
// has ended is known for sure only while the projection is up to date.
func (s *Service) ended(ctx context.Context, id string) (Record, []contracts.BundleStep, error) {
	sure := s.fresh(ctx)
	r, steps, err := s.find(ctx, id)
	if err == nil && r.Outcome == "" {
		err = fmt.Errorf("%w: the session %s has not ended", ErrConflict, r.SessionID)
	}
	if !sure && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict)) {
		err = fmt.Errorf("%w: nothing was stored, try again: NATS did not say what came last, and until then %s", ErrUnavailable, err.Error())
	}
	return r, steps, err
}

// lastStored is the sequence of the last event that a stream holds. The stream's own
// last sequence counts those that were removed since, which nobody is given any more.
func (s *Service) lastStored(ctx context.Context, stream string) (uint64, error) {
	last := uint64(0)
	open, err := s.bus.JetStream().Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("look at stream %s: %w", stream, err)
	}
	for _, pattern := range open.CachedInfo().Config.Subjects {
		m, err := open.GetLastMsgForSubject(ctx, pattern)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("look at stream %s: %w", stream, err)
		}
		last = max(last, m.Sequence)
	}
	return last, nil
}

// Behind is about how many events the projection has still to apply.
func (s *Service) Behind(ctx context.Context) (uint64, error) {
	behind := uint64(0)
	for _, stream := range []string{contracts.StreamTasks, contracts.StreamFeedback} {
		last, err := s.lastStored(ctx, stream)
		if err != nil {
			return 0, err
		}
		at, _ := s.position.get(stream)
		behind += last - min(at, last)
	}
	return behind, nil
}

// Live implements Desk.
func (s *Service) Live(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, freshness)
	defer cancel()
	if err := s.blobs.EnsureBucket(ctx); err != nil {
		return err
	}
	behind, err := s.Behind(ctx)
	if err != nil {
		return err
	}
	if behind > 0 {
		s.fresh(ctx)
		if behind, err = s.Behind(ctx); err != nil {
			return err
		}
	}
	if behind > 0 {
		return &behindError{behind}
	}
	return nil
}
