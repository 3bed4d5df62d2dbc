package unit

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// maxFailures is how often in a row a unit may fail.
	maxFailures = 5
	// healthyAfter is how long a unit must have run for its failure to count
	// as the first again.
	healthyAfter = time.Minute
	// stopTimeout is what one unit gets to end.
	stopTimeout = 15 * time.Second

	firstRestart = 200 * time.Millisecond
	lastRestart  = 10 * time.Second
	// settleTimeout bounds the wait for the server when a unit is ready.
	settleTimeout = 5 * time.Second
)

// Run starts the units, and calls env.Ready once all of them are ready. A unit
// that fails is started again after a pause that grows; failing for the fifth
// time in a row it ends them all, and Run returns its error. What fails while
// NATS is away does not count: it is started again when that is back. When ctx ends the
// units are stopped one after the other, the last first, and Run returns nil,
// or ErrStuck for a unit that does not end.
func Run(ctx context.Context, env Env, units ...Unit) error {
	env = env.withDefaults()
	failed := make(chan error, len(units))
	running := make([]*runner, len(units))
	waiting := new(atomic.Int64)
	waiting.Store(int64(len(units)))
	for i, u := range units {
		running[i] = start(ctx, u, env, waiting, failed)
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	case <-allDone(running):
	}
	for _, r := range slices.Backward(running) {
		err = errors.Join(err, r.stop())
	}
	return err
}

// allDone is closed when every unit has ended.
func allDone(running []*runner) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, r := range running {
			<-r.ended
		}
	}()
	return done
}

// runner runs one unit again and again.
type runner struct {
	unit   Unit
	env    Env
	cancel context.CancelFunc
	ended  chan struct{}
}

func start(ctx context.Context, u Unit, env Env, waiting *atomic.Int64, failed chan<- error) *runner {
	// Its own end comes from stop, in order, and not from everyone's ctx.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	allReady := env.Ready
	env.Log = env.Log.With("unit", u.Name())
	env.Ready = sync.OnceFunc(func() {
		env.settle(ctx)
		env.Log.Info("ready")
		if waiting.Add(-1) == 0 {
			allReady()
		}
	})
	r := &runner{unit: u, env: env, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		if err := r.keep(ctx); err != nil {
			failed <- fmt.Errorf("%s: %w", u.Name(), err)
		}
	}()
	return r
}

// settle waits until the server knows what the unit answers to: it may be asked over another connection as soon as it
// is ready.
func (e Env) settle(ctx context.Context) {
	if e.Bus == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	if err := e.Bus.Conn().FlushWithContext(ctx); err != nil {
		e.Log.Warn("the server may not know yet what this unit answers to", "err", err)
	}
}

// keep runs the unit until it is done, ctx ends, or it has failed too often.
func (r *runner) keep(ctx context.Context) error {
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = firstRestart, lastRestart
	for failures := 1; ; failures++ {
		began := time.Now()
		err := r.try(ctx)
		if err == nil || ctx.Err() != nil {
			return nil //nolint:nilerr // a unit that is told to end may say why it ended
		}
		if time.Since(began) > healthyAfter {
			failures = 1
			pace.Reset()
		}
		if failures == maxFailures {
			return fmt.Errorf("%w: %w", ErrGaveUp, err)
		}
		pause := pace.NextBackOff()
		r.env.Log.Error("failed, starting it again", "err", err, "wait", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		if r.awaited(ctx) {
			failures = 0
			pace.Reset()
		}
	}
}

// awaited waits for NATS, and reports whether it was away.
func (r *runner) awaited(ctx context.Context) bool {
	if r.env.Bus == nil {
		return false
	}
	away, err := r.env.Bus.Await(ctx)
	if err != nil && ctx.Err() == nil {
		r.env.Log.Warn("NATS cannot be waited for", "err", err)
	}
	return away
}

func (r *runner) try(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			r.env.Log.Error("panicked", "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", ErrPanic, v)
		}
	}()
	return r.unit.Run(ctx, r.env)
}

// stop ends the unit and waits for it.
func (r *runner) stop() error {
	r.cancel()
	select {
	case <-r.ended:
		return nil
	case <-time.After(stopTimeout):
		return fmt.Errorf("%s: %w (waited %s)", r.unit.Name(), ErrStuck, stopTimeout)
	}
}
