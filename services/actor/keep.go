package actor

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// endGrace is how long what has happened is still written down after the
	// context of the work has ended.
	endGrace = 5 * time.Second
	// tryTimeout bounds one attempt to write something down.
	tryTimeout = 3 * time.Second
	// slowest is the longest pause between two attempts.
	slowest = 2 * time.Second
)

// keep tries f until it succeeds or ctx ends: a server that is away for a while
// delays the work, and loses nothing.
func keep(ctx context.Context, log *slog.Logger, what string, f func(context.Context) error) error {
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = 50*time.Millisecond, slowest
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		trying, cancel := context.WithTimeout(ctx, tryTimeout)
		defer cancel()
		return struct{}{}, f(trying)
	}, backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, wait time.Duration) {
		log.Warn("trying again", "what", what, "err", err, "wait", wait)
	}))
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// linger returns a context that ends a while after ctx: for writing down what
// has happened before the work was cancelled.
func linger(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(endGrace):
			cancel()
		case <-lasting.Done():
		}
	})
	return lasting, func() {
		stop()
		cancel()
	}
}
