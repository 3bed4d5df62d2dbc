package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// maxLetterBody is how much of a message's body a dead letter carries: base64
// makes four bytes of three, and the envelope and headers need room too. The
// whole body stays in its stream, to which the letter points.
const maxLetterBody = contracts.MaxEventBytes / 2

// bury publishes the dead letter and then terminates the message: in the other
// order a crash between the two would lose it.
func (w *worker) bury(ctx context.Context, msg jetstream.Msg, m Message, reason error) error {
	letter := contracts.DeadLetter{
		Stream:    m.Stream,
		Durable:   w.consumer.Durable,
		Sequence:  m.Sequence,
		Subject:   m.Subject,
		Header:    m.Header,
		Data:      m.Data,
		Delivered: m.Delivered,
		Reason:    reason.Error(),
		Time:      time.Now().UTC(),
	}
	if len(letter.Data) > maxLetterBody {
		letter.Reason += fmt.Sprintf(" (body cut: the whole %d bytes are message %d of %s)",
			len(m.Data), m.Sequence, m.Stream)
		letter.Data = letter.Data[:maxLetterBody]
	}
	id := fmt.Sprintf("dlq.%s.%s.%d", m.Stream, w.consumer.Durable, m.Sequence)
	subject := contracts.SubjectDeadLetter(m.Stream, w.consumer.Durable)
	task := m.Header.Get(contracts.HeaderSubject)
	if err := w.bus.Publish(ctx, subject, letter, WithID(id), WithTask(task)); err != nil {
		return fmt.Errorf("write the dead letter: %w", err)
	}
	return msg.TermWithReason(letter.Reason)
}
