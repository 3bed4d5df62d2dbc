package bus_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestPublishStoresTheEventWithItsHeaders(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	event := contracts.TaskStarted{TaskID: "t1", SessionID: "s1", Planner: "engine"}
	subject := contracts.SubjectTask(contracts.VerbStarted, "t1")
	if err := b.Publish(t.Context(), subject, event, bus.WithTask("t1"), bus.WithID("id1")); err != nil {
		t.Fatal(err)
	}
	m := first(t, b, contracts.StreamTasks)
	if m.Subject != subject || m.Stream != contracts.StreamTasks || m.Sequence != 1 || m.Time.IsZero() {
		t.Errorf("message is %+v", m)
	}
	for key, want := range map[string]string{
		contracts.HeaderMsgID:       "id1",
		contracts.HeaderID:          "id1",
		contracts.HeaderType:        "task.started",
		contracts.HeaderSource:      t.Name(),
		contracts.HeaderSpecVersion: "1.0",
		contracts.HeaderSubject:     "t1",
	} {
		if got := m.Header.Get(key); got != want {
			t.Errorf("header %s is %q, want %q", key, got, want)
		}
	}
	if m.Header.Get(contracts.HeaderTime) == "" {
		t.Error("header ce-time is missing")
	}
	got, err := bus.Decode[contracts.TaskStarted](m)
	if err != nil || got != event {
		t.Errorf("decoded %+v, %v; want %+v", got, err, event)
	}
}

func TestPublishTheSameIDTwiceStoresOne(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	for range 3 {
		err := b.Publish(t.Context(), contracts.SubjectTaskCancel(), contracts.TaskCancel{TaskID: "t"}, bus.WithID("same"))
		if err != nil {
			t.Fatal(err)
		}
	}
	last, err := b.LastSequence(t.Context(), contracts.StreamTasks)
	if err != nil || last != 1 {
		t.Errorf("the stream's last sequence is %d, %v; want 1", last, err)
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	for name, c := range map[string]struct {
		subject string
		event   any
		want    error
	}{
		"a subject of no stream": {contracts.SubjectControlStop(), contracts.ControlStop{}, bus.ErrNoStream},
		"an event too large": {
			contracts.SubjectTaskRequested(),
			contracts.TaskRequested{Task: strings.Repeat("x", contracts.MaxEventBytes)}, bus.ErrTooLarge,
		},
	} {
		if err := b.Publish(t.Context(), c.subject, c.event); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := b.Publish(t.Context(), contracts.SubjectTaskRequested(), func() {}); err == nil {
		t.Error("an event that is not JSON was published")
	}
}

func TestPublishLiveReachesWhoListens(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	sub, err := b.Conn().SubscribeSync(contracts.SubjectControlStop())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Conn().Flush(); err != nil {
		t.Fatal(err)
	}
	if err := b.PublishLive(contracts.SubjectControlStop(), contracts.ControlStop{Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	msg, err := sub.NextMsgWithContext(deadline(t))
	if err != nil || string(msg.Data) != `{"reason":"r"}` {
		t.Errorf("got %v, %v", msg, err)
	}
}

func TestDecodeRefusesWhatIsNotTheType(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "plain text", `{"task_id": 5}`, "\xff"} {
		_, err := bus.Decode[contracts.TaskCancel](bus.Message{Subject: "task.cancel", Data: []byte(body)})
		if !errors.Is(err, bus.ErrDecode) || !strings.Contains(err.Error(), "task.cancel") {
			t.Errorf("%q: %v, want ErrDecode with the kind", body, err)
		}
	}
}

func TestClosedBusSaysSo(t *testing.T) {
	t.Parallel()
	s := kittest.NATSServer(t)
	b := kittest.Connect(t, s, bus.Options{})
	b.Close()
	err := b.Publish(t.Context(), contracts.SubjectTaskCancel(), contracts.TaskCancel{})
	if !errors.Is(err, bus.ErrClosed) {
		t.Errorf("publish: %v, want ErrClosed", err)
	}
	if err := b.Work(t.Context(), contracts.Consumers()[0], 1, nil); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("work: %v, want ErrClosed", err)
	}
}
