package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// ErrDecode tells that a body is not JSON of the wanted type.
var ErrDecode = errors.New("cannot read the event")

// Message is a stored message.
type Message struct {
	Subject  string
	Header   nats.Header
	Data     []byte
	Stream   string
	Sequence uint64 // of the message in its stream
	// Delivered is how often the consumer was given the message, this time included.
	Delivered uint64
	// Last is true in Work when another failure makes it a dead letter.
	Last bool
	// Time is when the message was stored.
	Time time.Time
}

// ID is the event's id; for a message that was sent without one, as with
// plain `nats pub`, it is made from the place in the stream, and so the same
// at each delivery.
func (m Message) ID() string {
	if id := m.Header.Get(contracts.HeaderMsgID); id != "" {
		return id
	}
	return fmt.Sprintf("%s-%d", m.Stream, m.Sequence)
}

// Decode reads the body. Unknown fields are ignored: a newer publisher may
// send some. Every error is an ErrDecode.
func Decode[T any](m Message) (T, error) {
	var v T
	if err := json.Unmarshal(m.Data, &v); err != nil {
		var zero T
		return zero, fmt.Errorf("%w %s: %w", ErrDecode, contracts.KindOf(m.Subject), err)
	}
	return v, nil
}

// newMessage reads what JetStream knows of a message from its metadata; the
// reply subject's form differs between servers.
func newMessage(msg jetstream.Msg) (Message, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return Message{}, fmt.Errorf("read the metadata of a message on %s: %w", msg.Subject(), err)
	}
	return Message{
		Subject:   msg.Subject(),
		Header:    msg.Headers(),
		Data:      msg.Data(),
		Stream:    meta.Stream,
		Sequence:  meta.Sequence.Stream,
		Delivered: meta.NumDelivered,
		Time:      meta.Timestamp,
	}, nil
}
