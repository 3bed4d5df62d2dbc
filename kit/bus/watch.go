package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// ErrStop ends a Watch without an error when its function returns it.
var ErrStop = errors.New("stop watching")

// From is where a Watch begins.
type From struct {
	policy   jetstream.DeliverPolicy
	sequence uint64
	time     time.Time
}

// FromStart begins with the oldest message.
func FromStart() From { return From{policy: jetstream.DeliverAllPolicy} }

// FromNow begins with the first message stored after the Watch has begun. To
// miss nothing that one's own publishing causes, take LastSequence before it
// and FromAfter.
func FromNow() From { return From{policy: jetstream.DeliverNewPolicy} }

// FromAfter begins with the message that follows a sequence.
func FromAfter(sequence uint64) From {
	return From{policy: jetstream.DeliverByStartSequencePolicy, sequence: sequence + 1}
}

// FromTime begins with the first message stored at t or later.
func FromTime(t time.Time) From {
	return From{policy: jetstream.DeliverByStartTimePolicy, time: t}
}

// FromLastPerSubject begins with the newest message of each subject.
func FromLastPerSubject() From { return From{policy: jetstream.DeliverLastPerSubjectPolicy} }

// LastSequence is the sequence of the newest message in a stream, 0 when it has none.
func (b *Bus) LastSequence(ctx context.Context, stream string) (uint64, error) {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("look at stream %s: %w", stream, err)
	}
	return s.CachedInfo().State.LastSeq, nil
}

// Watch calls h with each message of a stream on one of the filter's subjects
// (all when it is empty), in order and once each, also across a restart of the
// server. It acknowledges nothing and takes nothing from other readers. It
// ends with the error of h (nil for ErrStop), or with ctx and its cause.
func (b *Bus) Watch(ctx context.Context, stream string, filter []string, from From, h func(Message) error) error {
	cfg := jetstream.OrderedConsumerConfig{
		FilterSubjects: filter,
		DeliverPolicy:  from.policy,
		OptStartSeq:    from.sequence,
	}
	if !from.time.IsZero() {
		cfg.OptStartTime = &from.time
	}
	messages, err := b.ordered(ctx, stream, cfg)
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		msg, err := messages.Next(jetstream.NextContext(ctx))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("watch %s: %w", stream, closedError(err))
		}
		m, err := newMessage(msg)
		if err != nil {
			return err
		}
		switch err := h(m); {
		case errors.Is(err, ErrStop):
			return nil
		case err != nil:
			return err
		}
	}
}

func (b *Bus) ordered(
	ctx context.Context, stream string, cfg jetstream.OrderedConsumerConfig,
) (jetstream.MessagesContext, error) {
	messages, err := retry(ctx, b.log, "watch "+stream, apiTimeout,
		func(ctx context.Context) (jetstream.MessagesContext, error) {
			cons, err := b.js.OrderedConsumer(ctx, stream, cfg)
			if err != nil {
				return nil, err
			}
			return cons.Messages(jetstream.PullExpiry(pullExpires), jetstream.PullHeartbeat(pullHeartbeat))
		})
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", stream, closedError(err))
	}
	return messages, nil
}
