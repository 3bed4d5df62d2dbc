package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

const (
	// pullExpires is how long one request for a message stands.
	pullExpires = 10 * time.Second
	// pullHeartbeat is how often the server says that a request still stands:
	// one lost to a restart is noticed after two of them.
	pullHeartbeat = 500 * time.Millisecond
	// failurePause keeps a worker whose server is away from spinning.
	failurePause = 200 * time.Millisecond
)

// Work gives the consumer's messages to h until ctx ends, then waits for the
// handlers and returns nil. At most slots handlers run at a time, and a message
// is fetched only for a free slot: what waits in the stream stays available to
// other workers, and its AckWait does not run.
//
// While a handler runs, heartbeats tell the server so. They cannot be relied on
// when the connection is lost for longer than AckWait: work that must not run
// twice at the same time takes a Lease.
func (b *Bus) Work(ctx context.Context, c contracts.Consumer, slots int, h Handler) error {
	if slots < 1 {
		return fmt.Errorf("work on %s: %d slots", c.Durable, slots)
	}
	cons, err := b.consumer(ctx, c)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("work on %s: %w", c.Durable, closedError(err))
	}
	w := &worker{
		bus: b, consumer: c, handle: h,
		log: b.log.With("stream", c.Stream, "durable", c.Durable),
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for range slots {
		wg.Go(func() {
			if err := w.slot(ctx, cons); err != nil {
				cancel(fmt.Errorf("work on %s: %w", c.Durable, err))
			}
		})
	}
	wg.Wait()
	if cause := context.Cause(ctx); errors.Is(cause, ErrClosed) {
		return cause
	}
	return nil
}

// worker is one call of Work.
type worker struct {
	bus      *Bus
	consumer contracts.Consumer
	handle   Handler
	log      *slog.Logger
	// running holds the sequences of the messages that handlers work on.
	running sync.Map
}

// slot works on one message after the other.
func (w *worker) slot(ctx context.Context, cons jetstream.Consumer) error {
	for ctx.Err() == nil {
		msg, err := next(ctx, cons)
		switch {
		case err == nil:
			w.deliver(ctx, msg)
		case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrConnectionDraining):
			return closedError(err)
		case ctx.Err() != nil, errors.Is(err, nats.ErrTimeout),
			errors.Is(err, context.DeadlineExceeded), errors.Is(err, jetstream.ErrNoMessages):
		default:
			cons = w.restore(ctx, cons, err)
		}
	}
	return nil
}

// next waits for one message. No message within pullExpires is an ErrTimeout.
func next(ctx context.Context, cons jetstream.Consumer) (jetstream.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, pullExpires)
	defer cancel()
	return cons.Next(jetstream.FetchContext(ctx), jetstream.FetchHeartbeat(pullHeartbeat))
}

// restore waits a moment after a failed request, and makes the consumer again
// when that is what is missing.
func (w *worker) restore(ctx context.Context, cons jetstream.Consumer, failure error) jetstream.Consumer {
	w.log.Debug("cannot fetch a message, trying again", "err", failure)
	select {
	case <-ctx.Done():
		return cons
	case <-time.After(failurePause):
	}
	fresh, err := w.bus.consumer(ctx, w.consumer)
	if err != nil {
		w.log.Warn("cannot make the consumer, trying again", "err", err)
		return cons
	}
	return fresh
}
