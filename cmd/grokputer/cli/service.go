package cli

import (
	"context"
	"errors"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/house"
)

// flushTimeout is how long the last traces may take to leave.
const flushTimeout = 3 * time.Second

// service is a house whose services run in the background.
type service struct {
	*house.House

	took  time.Duration // from the beginning to readiness
	end   context.CancelFunc
	ended chan struct{} // closed when the services have ended
	err   error         // of the services; set before ended is closed
	flush func(context.Context) error
	after func() error // once all has ended; may be nil
}

// start opens a house and returns when its services are ready. They outlive
// ctx, so that a task can be cancelled in order: stop ends them.
func start(ctx context.Context, c *call, w *work) (*service, error) {
	config, err := w.config(c)
	if err != nil {
		return nil, err
	}
	return startHouse(ctx, c, config)
}

// startHouse is start for a house that is configured already.
func startHouse(ctx context.Context, c *call, config house.Config) (*service, error) {
	began := time.Now()
	tell, flush, err := c.telemetry(ctx)
	if err != nil {
		return nil, err
	}
	config.Log, config.Tracing = tell.Log, tell.Tracing
	h, err := house.Open(ctx, config)
	if err != nil {
		return nil, errors.Join(err, flush(context.WithoutCancel(ctx)))
	}
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	s := &service{House: h, end: end, ended: make(chan struct{}), flush: flush}
	ready := make(chan struct{})
	go func() {
		defer close(s.ended)
		s.err = h.Serve(serving, func() { close(ready) })
	}()
	select {
	case <-ready:
		s.took = time.Since(began)
		return s, nil
	case <-s.ended:
		return nil, s.stop(ctx)
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), s.stop(ctx))
	}
}

// wait returns when ctx ends, or when the services do by themselves.
func (s *service) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.ended:
	}
}

// stop ends the services and then the house, and returns what went wrong. It
// takes its time although ctx may have ended.
func (s *service) stop(ctx context.Context) error {
	s.end()
	<-s.ended
	err := errors.Join(s.err, s.Close(ctx))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	err = errors.Join(err, s.flush(ctx))
	if s.after != nil {
		err = errors.Join(err, s.after())
	}
	return err
}
