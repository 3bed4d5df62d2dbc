package bus_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestDeadLetter(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		handle    func(m bus.Message) error
		delivered uint64
		reason    string
	}{
		"after the last try": {
			func(m bus.Message) error {
				if m.Last != (m.Delivered == 3) {
					return bus.Terminate(errors.New("Last is wrong"))
				}
				return errTest
			}, 3, errTest.Error(),
		},
		"at once when the handler terminates": {
			func(bus.Message) error { return bus.Terminate(errTest) }, 1, errTest.Error(),
		},
		"after panics": {
			func(bus.Message) error { panic("out of cheese") }, 3, "the handler panicked: out of cheese",
		},
		"when retry after is used up": {
			func(bus.Message) error { return bus.RetryAfter(time.Millisecond, errTest) }, 3, errTest.Error(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := kittest.NATS(t)
			c := consumer(300*time.Millisecond, 3)
			work(t, b, c, 1, func(_ context.Context, m bus.Message) error { return tc.handle(m) })
			publish(t, b, "a")
			m := first(t, b, contracts.StreamDeadLetters)
			letter, err := bus.Decode[contracts.DeadLetter](m)
			if err != nil {
				t.Fatal(err)
			}
			if m.Subject != contracts.SubjectDeadLetter(c.Stream, c.Durable) || m.Header.Get(contracts.HeaderSubject) != "a" {
				t.Errorf("the dead letter is on %s with %v", m.Subject, m.Header)
			}
			if letter.Reason != tc.reason || letter.Delivered != tc.delivered {
				t.Errorf("reason %q after %d deliveries, want %q after %d",
					letter.Reason, letter.Delivered, tc.reason, tc.delivered)
			}
			if letter.Stream != c.Stream || letter.Durable != c.Durable || letter.Sequence != 1 ||
				letter.Subject != contracts.SubjectTaskCancel() || string(letter.Data) != `{"task_id":"a"}` ||
				len(letter.Header[contracts.HeaderSubject]) != 1 {
				t.Errorf("letter is %+v", letter)
			}
			settled(t, b, c)
		})
	}
}

// A message that ends the process each time is never failed by a handler: only
// the count of its deliveries tells.
func TestDeadLetterOfAMessageWhoseTriesNeverEnd(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	c := consumer(200*time.Millisecond, 2)
	publish(t, b, "a")
	cons, err := b.JetStream().CreateOrUpdateConsumer(deadline(t), c.Stream, jetstream.ConsumerConfig{
		Durable: c.Durable, FilterSubjects: c.Filter, AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.AckWait,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range c.MaxDeliver {
		if _, err := cons.Next(); err != nil { // taken, and nothing heard of it
			t.Fatal(err)
		}
	}
	work(t, b, c, 1, func(context.Context, bus.Message) error {
		t.Error("the handler was called once more")
		return nil
	})
	letter, err := bus.Decode[contracts.DeadLetter](first(t, b, contracts.StreamDeadLetters))
	if err != nil || letter.Delivered != 3 || !strings.Contains(letter.Reason, "did not end") {
		t.Errorf("%+v, %v", letter, err)
	}
}

// Without its dead letter a message is not terminated, however often it failed.
func TestNoTermBeforeTheDeadLetterIsStored(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	js := b.JetStream()
	c := consumer(300*time.Millisecond, 1)
	cfg := deadLetterStream(t)
	if err := js.DeleteStream(deadline(t), cfg.Name); err != nil {
		t.Fatal(err)
	}
	tries := make(chan struct{}, 100)
	work(t, b, c, 1, func(context.Context, bus.Message) error {
		tries <- struct{}{}
		return errTest
	})
	publish(t, b, "a")
	receive(t, tries, "the handler")
	if n := pending(t, b, c); n != 1 {
		t.Fatalf("%d messages are left while the dead letter cannot be written, want 1", n)
	}
	if _, err := js.CreateStream(deadline(t), cfg); err != nil {
		t.Fatal(err)
	}
	first(t, b, contracts.StreamDeadLetters)
	settled(t, b, c)
}

func TestDeadLetterOfALargeMessageIsCut(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	c := consumer(time.Minute, 1)
	work(t, b, c, 1, func(context.Context, bus.Message) error { return errTest })
	body := strings.Repeat("x", 900<<10) // a plain `nats pub` may send up to the server's 1 MiB
	if _, err := b.JetStream().Publish(deadline(t), contracts.SubjectTaskCancel(), []byte(body)); err != nil {
		t.Fatal(err)
	}
	letter, err := bus.Decode[contracts.DeadLetter](first(t, b, contracts.StreamDeadLetters))
	if err != nil {
		t.Fatal(err)
	}
	if len(letter.Data) >= len(body) || !strings.Contains(letter.Reason, "the whole 921600 bytes are message 1 of TASKS") {
		t.Errorf("%d bytes, reason %q", len(letter.Data), letter.Reason)
	}
}

func deadLetterStream(t *testing.T) jetstream.StreamConfig {
	t.Helper()
	for _, cfg := range contracts.Streams() {
		if cfg.Name == contracts.StreamDeadLetters {
			return cfg
		}
	}
	t.Fatal("the contracts have no dead-letter stream")
	return jetstream.StreamConfig{}
}
