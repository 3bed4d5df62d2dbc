package bus_test

import (
	"context"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// deadline is a context that ends a test which waits for something that never comes.
func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// first waits for the first message of a stream.
func first(t *testing.T, b *bus.Bus, stream string) bus.Message {
	t.Helper()
	var got bus.Message
	err := b.Watch(deadline(t), stream, nil, bus.FromStart(), func(m bus.Message) error {
		got = m
		return bus.ErrStop
	})
	if err != nil {
		t.Fatalf("no message in %s: %v", stream, err)
	}
	return got
}

// receive waits for a value from c.
func receive[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// consumer is a consumer of cancel requests with a short AckWait.
func consumer(ackWait time.Duration, maxDeliver int) contracts.Consumer {
	return contracts.Consumer{
		Stream: contracts.StreamTasks, Durable: "tested", Filter: []string{contracts.SubjectTaskCancel()},
		AckWait: ackWait, MaxDeliver: maxDeliver,
	}
}

// work runs Work in the background; the returned function ends it and waits.
func work(t *testing.T, b *bus.Bus, c contracts.Consumer, slots int, h bus.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Work(ctx, c, slots, h) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := receive(t, ended, "the worker's end"); err != nil {
			t.Errorf("work: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// publish stores a cancel request of a task.
func publish(t *testing.T, b *bus.Bus, taskID string) {
	t.Helper()
	err := b.Publish(deadline(t), contracts.SubjectTaskCancel(), contracts.TaskCancel{TaskID: taskID}, bus.WithTask(taskID))
	if err != nil {
		t.Fatal(err)
	}
}

// pending is what the consumer has not settled: waiting and in flight.
func pending(t *testing.T, b *bus.Bus, c contracts.Consumer) int {
	t.Helper()
	cons, err := b.JetStream().Consumer(deadline(t), c.Stream, c.Durable)
	if err != nil {
		t.Fatal(err)
	}
	info := cons.CachedInfo()
	return int(info.NumPending) + info.NumAckPending
}

// settled waits until the consumer has nothing left: a termination is not
// confirmed by the server.
func settled(t *testing.T, b *bus.Bus, c contracts.Consumer) {
	t.Helper()
	ctx := deadline(t)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for pending(t, b, c) > 0 {
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("%d messages are still to be delivered", pending(t, b, c))
		}
	}
}
