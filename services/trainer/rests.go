package trainer

import (
	"context"
	"time"
)

// watchClock looks from time to time whether a training is due that was not before: its
// time has come, or what it waited for has ended. It asks the clock each time, since a
// timer stands still while the machine sleeps.
func (s *service) watchClock(ctx context.Context) error {
	ticks := time.NewTicker(s.config.When.LookEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		if err := s.consider(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("whether a training is due is not known", "err", err) // the next look may say
		}
	}
}

// rests tells a running training when to rest and when to go on, until ctx ends. One
// that a person asked for does not rest.
func (w *work) rests(ctx context.Context, orders chan<- bool) {
	defer close(orders)
	if w.job.Trigger.ByPerson() {
		return
	}
	ticks := time.NewTicker(w.config.When.LookEvery)
	defer ticks.Stop()
	for resting := false; ; {
		why := w.rest(ctx, time.Now()).why
		if resting != (why != "") {
			select {
			case orders <- !resting:
			case <-ctx.Done():
				return
			}
			resting = !resting
			w.log.Info("the training rests, or goes on", "job", w.job.JobID, "rests", resting, "why", why)
		}
		w.current.rest(why)
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}
