package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	firstRetry = 50 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// retry runs attempt, each time within timeout, until it succeeds, fails for
// good, or ctx ends. The first failure is logged; those that follow are the
// same story.
func retry[T any](
	ctx context.Context, log *slog.Logger, what string, timeout time.Duration,
	attempt func(context.Context) (T, error),
) (T, error) {
	var last error
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = firstRetry, lastRetry
	v, err := backoff.Retry(ctx, func() (T, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		v, err := attempt(ctx)
		if err != nil && !transient(err) {
			return v, backoff.Permanent(err)
		}
		return v, err
	},
		backoff.WithBackOff(pace),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, wait time.Duration) {
			if last == nil {
				log.Warn(what+" failed, trying again", "err", err, "wait", wait)
			}
			last = err
		}))
	if err != nil && last != nil && !errors.Is(err, last) {
		err = fmt.Errorf("%w (last failure: %w)", err, last)
	}
	return v, err
}

// transient reports whether an error says that the server is away, starting
// or busy: trying again can help.
func transient(err error) bool {
	for _, known := range []error{
		context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrNoServers,
		nats.ErrDisconnected, nats.ErrReconnectBufExceeded, nats.ErrStaleConnection,
		nats.ErrConnectionReconnecting, jetstream.ErrNoStreamResponse, jetstream.ErrNoHeartbeat,
		jetstream.ErrServerShutdown, syscall.ECONNREFUSED,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	// 503: JetStream is recovering, has no leader, or is out of some resource.
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Code == 503
}
