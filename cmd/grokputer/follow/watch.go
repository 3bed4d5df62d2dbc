package follow

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// errUnwatched is why a watch ends when nobody wants it any more.
var errUnwatched = errors.New("the watch is over")

// watcher reads the events of one task in the background.
type watcher struct {
	events <-chan bus.Message
	ended  <-chan error
	stop   func()
}

// watch reads the events of a task that come after a sequence, until stop. It
// outlives ctx: the end of a cancelled task is still to come then.
func watch(ctx context.Context, b *bus.Bus, id string, after uint64) watcher {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	events := make(chan bus.Message)
	ended := make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		filter := []string{contracts.SubjectTaskAll(id)}
		err := b.Watch(ctx, contracts.StreamTasks, filter, bus.FromAfter(after), func(m bus.Message) error {
			select {
			case events <- m:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if !errors.Is(err, errUnwatched) {
			ended <- err
		}
	}()
	return watcher{events: events, ended: ended, stop: func() {
		cancel(errUnwatched)
		<-gone
	}}
}
