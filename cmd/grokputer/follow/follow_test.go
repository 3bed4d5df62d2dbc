package follow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/cmd/grokputer/follow"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// consumer is the contracts' consumer of that name.
func consumer(t *testing.T, durable string) contracts.Consumer {
	t.Helper()
	for _, c := range contracts.Consumers() {
		if c.Durable == durable {
			return c
		}
	}
	t.Fatalf("no consumer %s", durable)
	return contracts.Consumer{}
}

// work has h work on a consumer's messages until the test ends.
func work(t *testing.T, b *bus.Bus, durable string, h bus.Handler) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := b.Work(ctx, consumer(t, durable), 1, h); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
}

// say publishes an event of a task.
func say(ctx context.Context, b *bus.Bus, verb contracts.Verb, id string, event any) error {
	return b.Publish(ctx, contracts.SubjectTask(verb, id), event)
}

func TestTask(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	began := time.Now()
	work(t, b, contracts.DurableActorTasks, func(ctx context.Context, m bus.Message) error {
		r, err := bus.Decode[contracts.TaskRequested](m)
		return errors.Join(err,
			say(ctx, b, contracts.VerbAccepted, r.ID, contracts.TaskAccepted{TaskID: r.ID, SessionID: "session_x", Desktop: "main", Task: r.Task}),
			say(ctx, b, contracts.VerbStarted, "another", contracts.TaskStarted{}),
			say(ctx, b, contracts.VerbStarted, r.ID, contracts.TaskStarted{TaskID: r.ID, Planner: "local", Model: "small", Adapter: "starter"}),
			say(ctx, b, contracts.VerbStep, r.ID, contracts.TaskStep{
				TaskID: r.ID, Step: 1, Title: "a \x1b[2Jtitle", Elements: 1, Confidence: 0.987, Outcome: contracts.OutcomeResult,
				Action: action.Action{Verb: action.Find, Text: "*.pdf"}, Result: "3 files\nfake line",
				Started: began, Ended: began.Add(1500 * time.Millisecond),
				Adapters: []contracts.RoleVersion{{Role: contracts.RolePlanner, Version: "starter"}, {Role: contracts.RoleAction, Version: "lora-v7"}},
			}),
			say(ctx, b, contracts.VerbStep, r.ID, contracts.TaskStep{
				TaskID: r.ID, Step: 2, Title: "a", Outcome: contracts.OutcomeChanged, Action: action.Action{Verb: action.Wait, N: 2},
				Effect: contracts.EffectRegion, Region: &screen.Box{X: 1, Y: 2, W: 30, H: 40},
			}),
			say(ctx, b, contracts.VerbStep, r.ID, contracts.TaskStep{
				TaskID: r.ID, Step: 3, Title: "a", Outcome: contracts.OutcomeChanged, Action: action.Action{Verb: action.Wait, N: 2}, Effect: contracts.EffectWindow,
			}),
			say(ctx, b, contracts.VerbStep, r.ID, contracts.TaskStep{
				TaskID: r.ID, Step: 4, Title: "a", Adapters: []contracts.RoleVersion{{Role: contracts.RoleRecovery, Version: "starter", Of: contracts.RolePlanner}}, Outcome: contracts.OutcomeUnchanged, Action: action.Action{Verb: action.Wait, N: 2}, Effect: contracts.EffectNothing,
			}),
			say(ctx, b, contracts.VerbApproval, r.ID, contracts.TaskApproval{TaskID: r.ID, Step: 2, State: contracts.ApprovalRequested, Action: `click button "Send"`, Class: "send"}),
			say(ctx, b, contracts.VerbApproval, r.ID, contracts.TaskApproval{TaskID: r.ID, Step: 2, State: contracts.ApprovalDenied}),
			say(ctx, b, contracts.VerbCompleted, r.ID, contracts.TaskEnded{TaskID: r.ID, SessionID: "session_x", Answer: "3", Steps: 1}),
		)
	})
	var lines, objects strings.Builder
	asText, asJSON := follow.Text(&lines), follow.JSON(&objects)
	end, err := follow.Task(t.Context(), b, contracts.TaskRequested{Task: "count", ID: "t1"}, follow.Observer{
		Event: func(e follow.Event) error { return errors.Join(asText(e), asJSON(e)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if end.Verb != contracts.VerbCompleted || end.Answer != "3" || end.SessionID != "session_x" {
		t.Errorf("the end is %+v", end)
	}
	const want = `task t1, session_x, on the desktop main
planned by local, small with the adapter starter
  1  saw "a \u001b[2Jtitle", 1 element
     did find "*.pdf"   sure 99 %, said by action:lora-v7, result, 1.5 s
     3 files\nfake line
  2  saw "a", 0 elements
     did wait 2   not told how sure, changed a region (30x40 at 1,2), 0.0 s
  3  saw "a", 0 elements
     did wait 2   not told how sure, changed the window, 0.0 s
  4  saw "a", 0 elements
     did wait 2   not told how sure, unchanged, 0.0 s
     waits for your approval of click button "Send" (send): grokputer approve t1
     denied
completed after 1 step
answer: 3
`
	if lines.String() != want {
		t.Errorf("the text is\n%s\nwant\n%s", lines.String(), want)
	}
	if got := strings.Count(objects.String(), "\n"); got != 9 || !strings.Contains(objects.String(), `"verb":"completed","task_id":"t1"`) {
		t.Errorf("the JSON lines are\n%s", objects.String())
	}
}

// TestTaskInterrupted: when the context ends, the task is cancelled and its end is waited for.
func TestTaskInterrupted(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	work(t, b, contracts.DurableActorTasks, func(ctx context.Context, m bus.Message) error {
		r, err := bus.Decode[contracts.TaskRequested](m)
		return errors.Join(err, say(ctx, b, contracts.VerbAccepted, r.ID, contracts.TaskAccepted{TaskID: r.ID}))
	})
	work(t, b, contracts.DurableActorCancels, func(ctx context.Context, m bus.Message) error {
		r, err := bus.Decode[contracts.TaskCancel](m)
		return errors.Join(err, say(ctx, b, contracts.VerbCancelled, r.TaskID, contracts.TaskEnded{TaskID: r.TaskID, Code: contracts.ReasonStopped}))
	})
	told := false
	end, err := follow.Task(ctx, b, contracts.TaskRequested{Task: "dig a hole"}, follow.Observer{
		Event: func(e follow.Event) error {
			if e.Verb == contracts.VerbAccepted {
				cancel()
			}
			return nil
		},
		Cancelling: func() { told = true },
	})
	if err != nil || end.Verb != contracts.VerbCancelled || end.Code != contracts.ReasonStopped || !told {
		t.Fatalf("Task = %+v, %v, told %v", end, err, told)
	}
}

func TestTaskOfNobody(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	gone := make(chan struct{})
	close(gone)
	_, err := follow.Task(t.Context(), b, contracts.TaskRequested{Task: "x"}, follow.Observer{Gone: gone})
	if !errors.Is(err, follow.ErrGone) {
		t.Fatalf("Task = %v; want ErrGone", err)
	}
}

func TestTaskObserverFails(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	work(t, b, contracts.DurableActorTasks, func(ctx context.Context, m bus.Message) error {
		r, err := bus.Decode[contracts.TaskRequested](m)
		return errors.Join(err, say(ctx, b, contracts.VerbAccepted, r.ID, contracts.TaskAccepted{TaskID: r.ID}))
	})
	broken := errors.New("the pipe is broken")
	_, err := follow.Task(t.Context(), b, contracts.TaskRequested{Task: "x"}, follow.Observer{
		Event: func(follow.Event) error { return broken },
	})
	if !errors.Is(err, broken) {
		t.Fatalf("Task = %v; want the observer's error", err)
	}
}

func TestTextRefusesNonsense(t *testing.T) {
	t.Parallel()
	show := follow.Text(&strings.Builder{})
	if err := show(follow.Event{Verb: contracts.VerbStep, Body: []byte("{")}); err == nil {
		t.Fatal("an event that is no JSON was shown")
	}
}
