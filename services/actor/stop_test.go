package actor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/scripted"
)

// typing starts a task that types a long text and returns when it is under way.
func typing(t *testing.T) *house {
	t.Helper()
	h := build(t, editor(), `type "`+strings.Repeat("0123456789", 300)+`"`, `done`)
	h.desktop.Focus(true)
	under := make(chan struct{})
	h.config.Hook = func(m actor.Moment, _, stroke int) {
		if m == actor.AfterStroke && stroke == 20 {
			close(under)
		}
	}
	h.start()
	h.ask(`{"task": "type", "id": "t"}`)
	<-under
	return h
}

// A stop that is asked for is answered when input has ended: nothing is typed
// after the answer, and that comes within 200 ms.
func TestStop(t *testing.T) {
	t.Parallel()
	h := typing(t)
	began := time.Now()
	msg, err := h.bus.Conn().RequestWithContext(t.Context(), contracts.SubjectControlStop(), []byte(`{"reason": "too fast"}`))
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	typed := h.desktop.State().Typed
	if ack := decode[contracts.StopAck](t, msg.Data); ack.Desktop != "main" || ack.TaskID != "t" {
		t.Errorf("the answer was %+v", ack)
	}
	verb, end := h.ended("t")
	if verb != contracts.VerbCancelled || end.Code != contracts.ReasonStopped || end.Reason != "too fast" {
		t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason)
	}
	if got := h.desktop.State().Typed; got != typed {
		t.Errorf("%d characters were typed after the answer", len(got)-len(typed))
	}
	if len(typed) < 20 || len(typed) >= 3000 {
		t.Errorf("%d characters were typed in all", len(typed))
	}
	if took > 200*time.Millisecond {
		t.Errorf("the stop took %s", took)
	}
	if step := h.steps()[0]; step.Outcome != contracts.OutcomeError || step.Result != "stopped: too fast" {
		t.Errorf("the step was %+v", step)
	}
}

// A published stop is told of on live.input. With no task there is nothing to cancel.
func TestStopPublished(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	h.start()
	told, err := h.bus.Conn().SubscribeSync(contracts.SubjectLiveInput("main"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.bus.Conn().Publish(contracts.SubjectControlStop(), nil); err != nil {
		t.Fatal(err)
	}
	msg, err := told.NextMsgWithContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if ack := decode[contracts.StopAck](t, msg.Data); ack.Desktop != "main" || ack.TaskID != "" {
		t.Errorf("told %+v", ack)
	}
}

// A stop also ends the tasks that wait, and lets go of what is held.
func TestStopEndsAll(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	planning := make(chan struct{}, 1)
	never := make(chan struct{})
	h.planner = scripted.New(func(prompt.State) (action.Action, error) {
		planning <- struct{}{}
		<-never
		return action.Action{Verb: action.Done}, nil
	})
	h.start()
	for _, id := range []string{"a", "b"} {
		h.ask(`{"task": "x", "id": "` + id + `"}`)
		h.await(contracts.VerbAccepted, id)
	}
	<-planning
	if _, err := h.bus.Conn().RequestWithContext(t.Context(), contracts.SubjectControlStop(), nil); err != nil {
		t.Fatal(err)
	}
	close(never)
	for _, id := range []string{"a", "b"} {
		if verb, end := h.ended(id); verb != contracts.VerbCancelled || end.Code != contracts.ReasonStopped {
			t.Errorf("task %s was %s (%s)", id, verb, end.Code)
		}
	}
	if got := h.verbs("b"); got != "accepted cancelled" {
		t.Errorf("the waiting task's events were %s", got)
	}
}

func (h *house) cancel(id, reason string) {
	h.t.Helper()
	err := h.bus.Publish(h.t.Context(), contracts.SubjectTaskCancel(), contracts.TaskCancel{TaskID: id, Reason: reason})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	h := typing(t)
	h.cancel("another", "")
	h.cancel("t", "changed my mind")
	verb, end := h.ended("t")
	if verb != contracts.VerbCancelled || end.Code != contracts.ReasonStopped || end.Reason != "changed my mind" {
		t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason)
	}
}

// A cancellation that comes while an approval is waited for.
func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Send"`)
	h.start()
	h.ask(`{"task": "x", "id": "t"}`)
	h.await(contracts.VerbApproval, "t")
	h.cancel("t", "")
	if verb, end := h.ended("t"); verb != contracts.VerbCancelled || end.Reason != "the person cancelled the task" {
		t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason)
	}
	if got := h.desktop.State().Clicks["Send"]; got != 0 {
		t.Errorf("%d clicks on Send", got)
	}
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Send"`)
	h.config.TaskTimeout = 100 * time.Millisecond // runs out while the approval is waited for
	h.start()
	h.ask("x")
	if verb, end := h.ended(""); verb != contracts.VerbFailed || end.Code != contracts.ReasonTime {
		t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason)
	}
}
