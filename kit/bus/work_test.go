package bus_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

var errTest = errors.New("it did not work")

func TestWorkAcknowledgesWhatSucceeded(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	c := consumer(time.Minute, 3)
	done := make(chan bus.Message, 10)
	stop := work(t, b, c, 2, func(_ context.Context, m bus.Message) error {
		done <- m
		return nil
	})
	for _, id := range []string{"a", "b", "c"} {
		publish(t, b, id)
	}
	for range 3 {
		if m := receive(t, done, "a message"); m.Delivered != 1 || m.Last {
			t.Errorf("delivered %d times (last: %t) the first time", m.Delivered, m.Last)
		}
	}
	stop()
	if n := pending(t, b, c); n != 0 {
		t.Errorf("%d messages are not acknowledged", n)
	}
}

func TestWorkDeliversAFailedMessageAgain(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{
		"an error":    errTest,
		"retry after": bus.RetryAfter(time.Millisecond, errTest),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := kittest.NATS(t)
			c := consumer(3*time.Second, 5)
			done := make(chan bus.Message, 1)
			stop := work(t, b, c, 1, func(_ context.Context, m bus.Message) error {
				if m.Delivered < 3 {
					return failure
				}
				done <- m
				return nil
			})
			publish(t, b, "a")
			if m := receive(t, done, "the third delivery"); m.Delivered != 3 {
				t.Errorf("delivered %d times, want 3", m.Delivered)
			}
			stop()
			if n := pending(t, b, c); n != 0 {
				t.Errorf("%d messages are not acknowledged", n)
			}
		})
	}
}

func TestWorkTakesOneMessagePerFreeSlot(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	const slots, messages = 2, 6
	c := consumer(600*time.Millisecond, 3)
	for range messages {
		publish(t, b, "a")
	}
	var running, most, deliveries atomic.Int32
	busy, release, done := make(chan int32, messages), make(chan struct{}), make(chan struct{}, messages)
	stop := work(t, b, c, slots, func(context.Context, bus.Message) error {
		deliveries.Add(1)
		n := running.Add(1)
		for {
			old := most.Load()
			if n <= old || most.CompareAndSwap(old, n) {
				break
			}
		}
		busy <- n
		<-release
		running.Add(-1)
		done <- struct{}{}
		return nil
	})
	for range slots {
		receive(t, busy, "a busy slot")
	}
	cons, err := b.JetStream().Consumer(deadline(t), c.Stream, c.Durable)
	if err != nil {
		t.Fatal(err)
	}
	if n := cons.CachedInfo().NumAckPending; n != slots {
		t.Errorf("%d messages were fetched for %d slots", n, slots)
	}
	close(release)
	for range messages {
		receive(t, done, "a handled message")
	}
	stop()
	if most.Load() != slots || deliveries.Load() != messages {
		t.Errorf("%d handlers at a time and %d deliveries, want %d and %d",
			most.Load(), deliveries.Load(), slots, messages)
	}
}

func TestHeartbeatsKeepASlowMessage(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	const ackWait = 400 * time.Millisecond
	c := consumer(ackWait, 3)
	done := make(chan uint64, 10)
	// The second slot would get the message again if no heartbeat kept it.
	stop := work(t, b, c, 2, func(ctx context.Context, m bus.Message) error {
		slow, cancel := context.WithTimeout(ctx, 4*ackWait)
		defer cancel()
		<-slow.Done()
		done <- m.Delivered
		return ctx.Err()
	})
	publish(t, b, "a")
	if n := receive(t, done, "the slow handler"); n != 1 {
		t.Errorf("delivered %d times, want once", n)
	}
	stop()
	if n := pending(t, b, c); n != 0 {
		t.Errorf("%d messages are not acknowledged", n)
	}
	cons, err := b.JetStream().Consumer(deadline(t), c.Stream, c.Durable)
	if err != nil {
		t.Fatal(err)
	}
	if n := cons.CachedInfo().Delivered.Consumer; n != 1 {
		t.Errorf("the server delivered %d times, want once", n)
	}
}

func TestStoppedWorkGivesItsMessageBack(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	c := consumer(time.Minute, 3)
	started := make(chan struct{}, 1)
	stop := work(t, b, c, 1, func(ctx context.Context, _ bus.Message) error {
		started <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	publish(t, b, "a")
	receive(t, started, "the handler")
	stop()

	again := make(chan uint64, 1)
	began := time.Now()
	work(t, b, c, 1, func(_ context.Context, m bus.Message) error {
		again <- m.Delivered
		return nil
	})
	if n := receive(t, again, "the next worker"); n != 2 {
		t.Errorf("delivered %d times, want 2", n)
	}
	if took := time.Since(began); took > c.AckWait/2 {
		t.Errorf("the next worker got the message after %s: it was not given back", took)
	}
}

func TestWorkWithoutSlotsIsRefused(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	if err := b.Work(t.Context(), consumer(time.Minute, 1), 0, nil); err == nil {
		t.Error("no error")
	}
}

func TestWorkMakesADeletedConsumerAgain(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	c := consumer(time.Minute, 3)
	done := make(chan string, 1)
	work(t, b, c, 1, func(_ context.Context, m bus.Message) error {
		done <- m.Header.Get(contracts.HeaderSubject)
		return nil
	})
	publish(t, b, "a")
	receive(t, done, "the first message")
	settled(t, b, c)
	if err := b.JetStream().DeleteConsumer(deadline(t), c.Stream, c.Durable); err != nil {
		t.Fatal(err)
	}
	publish(t, b, "b")
	for receive(t, done, "the second message") != "b" {
		// A new consumer begins with the stream's first message.
		continue
	}
}
