package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/contracts"
)

// ErrPanic tells that a handler panicked. The message is treated as failed; the process
// goes on, since other services live in it.
var ErrPanic = errors.New("the handler panicked")

// errExhausted is the reason of a dead letter whose last try never came to an
// end: the process was killed in it, or kept losing the connection.
var errExhausted = errors.New("delivered more often than allowed; the last try did not end")

// settleTimeout bounds the wait for a server that is away to hear what became
// of a message. After it the message is delivered again.
const settleTimeout = 10 * time.Second

// deliver has one message worked on and settles it.
func (w *worker) deliver(ctx context.Context, msg jetstream.Msg) {
	m, err := newMessage(msg)
	if err != nil {
		w.log.Error("message without metadata left alone", "err", err)
		return
	}
	if _, twice := w.running.LoadOrStore(m.Sequence, true); twice {
		// Heartbeats were lost for longer than AckWait. The first delivery
		// still runs, and its acknowledgement counts for this one too.
		return
	}
	defer w.running.Delete(m.Sequence)
	m.Last = m.Delivered >= uint64(w.consumer.MaxDeliver)

	ctx, span := w.bus.tracer.Start(Extract(ctx, m.Header), "process "+contracts.KindOf(m.Subject),
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(spanAttributes(&nats.Msg{Subject: m.Subject, Header: m.Header, Data: m.Data})...))
	defer span.End()
	stop := w.heartbeat(msg)
	defer stop()
	err = w.try(ctx, m)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	if err := w.settle(ctx, msg, m, err); err != nil {
		// The message comes again after AckWait.
		w.logger(m).Warn("cannot settle the message, it will be delivered again", "err", err)
	}
}

// try calls the handler, unless the message was tried too often already.
func (w *worker) try(ctx context.Context, m Message) (err error) {
	if m.Delivered > uint64(w.consumer.MaxDeliver) {
		return Terminate(errExhausted)
	}
	defer func() {
		if v := recover(); v != nil {
			w.logger(m).Error("handler panicked", "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", ErrPanic, v)
		}
	}()
	return w.handle(ctx, m)
}

// heartbeat tells the server three times per AckWait that the message is still
// worked on, until the returned function is called.
func (w *worker) heartbeat(msg jetstream.Msg) (stop func()) {
	ticker := time.NewTicker(w.consumer.AckWait / 3)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				if err := msg.InProgress(); err != nil {
					w.log.Debug("heartbeat not sent", "err", err)
				}
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
	}
}

// settle tells the server what becomes of a message whose handler returned failure.
func (w *worker) settle(ctx context.Context, msg jetstream.Msg, m Message, failure error) error {
	stopping := ctx.Err() != nil
	// What is settled now must not be lost because the worker is to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	switch {
	case failure == nil:
		return w.ack(ctx, msg)
	case terminated(failure), m.Last && !stopping:
		w.logger(m).Error("message becomes a dead letter", "err", failure)
		return w.bury(ctx, msg, m, failure)
	case stopping:
		return msg.Nak()
	default:
		wait := pause(failure, w.consumer, m.Delivered)
		w.logger(m).Warn("message failed, trying again", "err", failure, "wait", wait)
		return msg.NakWithDelay(wait)
	}
}

// ack acknowledges and waits until the server has confirmed it, so that a
// finished message is not worked on again because an acknowledgement got lost.
func (w *worker) ack(ctx context.Context, msg jetstream.Msg) error {
	_, err := retry(ctx, w.log, "acknowledge", publishTimeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, msg.DoubleAck(ctx)
	})
	return err
}

func (w *worker) logger(m Message) *slog.Logger {
	return w.log.With("subject", m.Subject, "sequence", m.Sequence, "delivered", m.Delivered)
}
