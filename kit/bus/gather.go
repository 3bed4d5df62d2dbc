package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// ErrNoAnswer tells that nobody answered a request.
var ErrNoAnswer = errors.New("nobody answered")

// Gather sends a request that several may answer and returns their answers: first
// is how long the first of them may take, and quiet how long another may take
// after it. It is for requests that are not stored.
func (b *Bus) Gather(ctx context.Context, subject string, request any, first, quiet time.Duration) ([]*nats.Msg, error) {
	msg, err := b.message(subject, request, nil)
	if err != nil {
		return nil, err
	}
	msg.Reply = b.conn.NewInbox()
	answers, err := b.conn.SubscribeSync(msg.Reply)
	if err != nil {
		return nil, fmt.Errorf("listen for answers on %s: %w", subject, err)
	}
	defer func() { _ = answers.Unsubscribe() }() // the connection may be gone
	if err := b.conn.PublishMsg(msg); err != nil {
		return nil, fmt.Errorf("publish to %s: %w", subject, err)
	}
	var all []*nats.Msg
	for wait := first; ; wait = quiet {
		answer, err := nextAnswer(ctx, answers, wait)
		switch {
		case err == nil:
			all = append(all, answer)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(err, nats.ErrNoResponders) && !errors.Is(err, context.DeadlineExceeded):
			return nil, fmt.Errorf("wait for answers on %s: %w", subject, err)
		case len(all) == 0:
			return nil, fmt.Errorf("%w on %s", ErrNoAnswer, subject)
		default:
			return all, nil
		}
	}
}

// nextAnswer waits for one message.
func nextAnswer(ctx context.Context, s *nats.Subscription, most time.Duration) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	m, err := s.NextMsgWithContext(ctx)
	if err == nil && len(m.Data) == 0 && m.Header.Get("Status") == "503" {
		return nil, nats.ErrNoResponders
	}
	return m, err
}
