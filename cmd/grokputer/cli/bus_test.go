package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

// server starts NATS and returns a connection to it, and the flags with which
// the program finds it.
func server(t *testing.T) (*bus.Bus, []string) {
	t.Helper()
	s := kittest.NATSServer(t)
	b := kittest.Connect(t, s, bus.Options{})
	return b, []string{"--data", t.TempDir(), "--nats-url", s.URL(), "--nats-user", kittest.User, "--nats-password", kittest.Password}
}

func publish(t *testing.T, b *bus.Bus, subject string, event any) {
	t.Helper()
	if err := b.Publish(t.Context(), subject, event); err != nil {
		t.Fatal(err)
	}
}

// asks publishes the request for an approval.
func asks(t *testing.T, b *bus.Bus, id string, expires time.Time) {
	t.Helper()
	publish(t, b, contracts.SubjectTask(contracts.VerbApproval, id), contracts.TaskApproval{
		TaskID: id, Step: 3, State: contracts.ApprovalRequested, Action: `click button "Send"`, Class: "send", Expires: expires,
	})
}

// lastApproval is the newest event about a task's approval.
func lastApproval(t *testing.T, b *bus.Bus, id string) contracts.TaskApproval {
	t.Helper()
	stream, err := b.JetStream().Stream(t.Context(), contracts.StreamTasks)
	if err != nil {
		t.Fatal(err)
	}
	m, err := stream.GetLastMsgForSubject(t.Context(), contracts.SubjectTask(contracts.VerbApproval, id))
	if err != nil {
		t.Fatal(err)
	}
	return decode[contracts.TaskApproval](t, string(m.Data))
}

func TestApprove(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	approve := func(args ...string) []string { return append(append([]string{"approve"}, args...), flags...) }
	if out := ok(t, approve()...); !strings.Contains(out, "nothing waits") {
		t.Errorf("approve with nothing to approve:\n%s", out)
	}
	soon := time.Now().Add(time.Hour)
	asks(t, b, "t1", soon)
	asks(t, b, "t2", soon)
	asks(t, b, "late", time.Now().Add(-time.Second))
	asks(t, b, "over", soon)
	tasks, err := b.KV(t.Context(), contracts.BucketTasks)
	if err == nil {
		var state []byte
		if state, err = json.Marshal(contracts.TaskState{TaskID: "over", Verb: contracts.VerbCancelled}); err == nil {
			_, err = tasks.Put(t.Context(), "over", state)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	waiting := decode[[]contracts.TaskApproval](t, ok(t, approve("--json")...))
	if len(waiting) != 2 || waiting[0].TaskID != "t1" || waiting[1].TaskID != "t2" {
		t.Fatalf("waiting: %+v; want t1 and t2", waiting)
	}
	if out := ok(t, approve()...); !strings.Contains(out, `click button "Send"`) {
		t.Errorf("the list is\n%s", out)
	}
	ok(t, approve("t1")...)
	if got := lastApproval(t, b, "t1"); got.State != contracts.ApprovalGranted || got.Step != 3 {
		t.Errorf("after approve: %+v", got)
	}
	ok(t, approve("t2", "--deny", "--reason", "not today")...)
	if got := lastApproval(t, b, "t2"); got.State != contracts.ApprovalDenied || got.Reason != "not today" {
		t.Errorf("after approve --deny: %+v", got)
	}
	for _, id := range []string{"t1", "late", "over", "none"} {
		fails(t, 1, "does not wait for an approval", approve(id)...)
	}
	fails(t, 1, "is not the id of a task", approve("task.>")...)
}

func TestStop(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	stop := append([]string{"stop", "--reason", "enough"}, flags...)
	fails(t, 1, "no actor answered", stop...)
	for _, ack := range []contracts.StopAck{{Desktop: "main", TaskID: "t1"}, {Desktop: "second"}} {
		subscription, err := b.Conn().Subscribe(contracts.SubjectControlStop(), func(m *nats.Msg) {
			if got := decode[contracts.ControlStop](t, string(m.Data)); got.Reason != "enough" {
				t.Errorf("the stop is %+v", got)
			}
			body, err := json.Marshal(ack)
			if err == nil {
				err = m.Respond(body)
			}
			if err != nil {
				t.Error(err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = subscription.Unsubscribe() })
	}
	if err := b.Conn().Flush(); err != nil {
		t.Fatal(err)
	}
	out := ok(t, stop...)
	if !strings.Contains(out, "stopped the desktop main, task t1\n") || !strings.Contains(out, "stopped the desktop second\n") {
		t.Errorf("stop:\n%s", out)
	}
	if acks := decode[[]contracts.StopAck](t, ok(t, append(stop, "--json")...)); len(acks) != 2 {
		t.Errorf("stop --json: %+v", acks)
	}
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	dlq := func(args ...string) []string { return append(append([]string{"dlq"}, args...), flags...) }
	if got := decode[[]any](t, ok(t, dlq("list", "--json")...)); len(got) != 0 {
		t.Errorf("dead letters before there are any: %v", got)
	}
	publish(t, b, contracts.SubjectDeadLetter(contracts.StreamTasks, contracts.DurableActorTasks), contracts.DeadLetter{
		Stream: contracts.StreamTasks, Durable: contracts.DurableActorTasks, Sequence: 7, Subject: "task.requested",
		Header: map[string][]string{"ce-id": {"x"}}, Data: []byte("a \x1b[2J task"), Delivered: 5, Reason: "it cannot be read", Time: time.Now(),
	})
	if out := ok(t, dlq()...); !strings.Contains(out, "it cannot be read") || !strings.Contains(out, contracts.DurableActorTasks) {
		t.Errorf("dlq:\n%s", out)
	}
	out := ok(t, dlq("show", "1")...)
	for _, want := range []string{"tried 5 times", "message 7", "ce-id: x", `a \u001b[2J task`} {
		if !strings.Contains(out, want) {
			t.Errorf("dlq show lacks %q:\n%s", want, out)
		}
	}
	if got := decode[contracts.DeadLetter](t, ok(t, dlq("show", "1", "--json")...)); got.Sequence != 7 {
		t.Errorf("dlq show --json: %+v", got)
	}
	fails(t, 1, "there is no dead letter 9", dlq("show", "9")...)
}

func TestNothingIsUp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"stop", "approve", "audit", "dlq"} {
		fails(t, 1, "start it with `grokputer up`", command, "--data", t.TempDir())
	}
	fails(t, 1, "connect to NATS", "stop", "--data", t.TempDir(), "--nats-url", "nats://127.0.0.1:1")
}
