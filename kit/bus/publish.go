package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/contracts"
)

// ErrTooLarge tells that an event is larger than contracts.MaxEventBytes. Large data
// travels as a pointer to an object.
var ErrTooLarge = errors.New("the event is too large")

// ErrNoStream tells that no stream of the contracts holds the subject.
var ErrNoStream = errors.New("no stream holds the subject")

// publishTimeout is how long one attempt waits for the acknowledgement. An
// attempt that was stored all the same is recognised by its message id.
const publishTimeout = 3 * time.Second

// PublishOption changes one published event.
type PublishOption func(*publishOptions)

type publishOptions struct {
	id   string
	task string
}

// WithID sets the event's id. Publishing the same id again, within the
// stream's deduplication window, stores nothing: use it wherever a step can be
// repeated after a crash.
func WithID(id string) PublishOption { return func(o *publishOptions) { o.id = id } }

// WithTask says which task the event belongs to (header ce-subject).
func WithTask(taskID string) PublishOption { return func(o *publishOptions) { o.task = taskID } }

// Publish stores an event and returns when the server has acknowledged it. It
// tries again, with the same id, while the server is away, until ctx ends: give
// ctx a deadline where waiting for ever is wrong.
//
// The body is the event's JSON; json.RawMessage goes as it is.
func (b *Bus) Publish(ctx context.Context, subject string, event any, opts ...PublishOption) error {
	if !stored(subject) {
		return fmt.Errorf("publish to %s: %w", subject, ErrNoStream)
	}
	msg, err := b.message(subject, event, opts)
	if err != nil {
		return err
	}
	ctx, span := b.tracer.Start(ctx, "publish "+contracts.KindOf(subject),
		trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(spanAttributes(msg)...))
	defer span.End()
	Inject(ctx, msg.Header)
	_, err = retry(ctx, b.log, "publish "+contracts.KindOf(subject), publishTimeout,
		func(ctx context.Context) (*jetstream.PubAck, error) { return b.js.PublishMsg(ctx, msg) })
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
		return fmt.Errorf("publish to %s: %w", subject, closedError(err))
	}
	return nil
}

// PublishLive sends an event that no stream stores: whoever listens now gets
// it. It fails at once when the server is away.
func (b *Bus) PublishLive(subject string, event any) error {
	msg, err := b.message(subject, event, nil)
	if err != nil {
		return err
	}
	if err := b.conn.PublishMsg(msg); err != nil {
		return fmt.Errorf("publish to %s: %w", subject, closedError(err))
	}
	return nil
}

func (b *Bus) message(subject string, event any, opts []PublishOption) (*nats.Msg, error) {
	o := publishOptions{id: NewID()}
	for _, opt := range opts {
		opt(&o)
	}
	body, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("publish to %s: %w", subject, err)
	}
	if len(body) > contracts.MaxEventBytes {
		return nil, fmt.Errorf("publish to %s: %w: %d bytes, at most %d",
			subject, ErrTooLarge, len(body), contracts.MaxEventBytes)
	}
	return &nats.Msg{Subject: subject, Data: body, Header: b.header(contracts.KindOf(subject), o)}, nil
}

// stored reports whether a stream of the contracts holds the subject. Asking
// here tells a wrong subject from a server that is still starting: to both the
// server's answer is that no one listens.
func stored(subject string) bool {
	for _, s := range contracts.Streams() {
		for _, pattern := range s.Subjects {
			if contracts.MatchSubject(pattern, subject) {
				return true
			}
		}
	}
	return false
}

func closedError(err error) error {
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionDraining) {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return err
}

// spanAttributes follow the OpenTelemetry conventions for messaging spans.
func spanAttributes(msg *nats.Msg) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("messaging.system", "nats"),
		attribute.String("messaging.destination.name", msg.Subject),
		attribute.String("messaging.message.id", msg.Header.Get(contracts.HeaderMsgID)),
		attribute.Int("messaging.message.body.size", len(msg.Data)),
	}
}
