package tests

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

// The whole program is killed three times within one task: twice while it types,
// the second time where it had gone on, and once while it clicks. Nothing that
// was published is lost, and no character and no click comes twice or is left
// out. (TestKill of services/actor kills at every phase of a step; here the
// servers, the command line and real programs go through it too.)
func TestKilled(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	const length = 600 // takes seconds to type
	task := draw(rand.New(rand.NewPCG(1, 1)), length)
	task.digits = "2468"
	id := v.ask(v.connect(), task.String())
	var other string
	for _, after := range []int{30, 200} {
		nc := v.connect()
		entry := journal(t, nc, func(e contracts.JournalEntry) bool { return e.TaskID == id && e.Typed >= after })
		if other == "" {
			other = v.ask(nc, greeting) // acknowledged a moment before the end
		}
		v.crash()
		typed := v.desk().text()
		if n := len([]rune(typed)); n < entry.Typed || n == length || !strings.HasPrefix(task.text, typed) {
			t.Errorf("it was to be killed while it types, and %d characters stand there: %q", n, typed)
		}
		v.recover()
	}
	journal(t, v.connect(), func(e contracts.JournalEntry) bool {
		return e.TaskID == id && e.Phase == contracts.PhaseActing && e.Action.Verb == action.Click && e.Action.Target.Text == "4"
	})
	v.crash()
	v.recover()
	if err := v.judge(task, ended(t, v.bus(), id)); err != nil {
		t.Error(err)
	}
	if events := ended(t, v.bus(), other); verb(events[len(events)-1].Subject) != contracts.VerbCompleted {
		t.Errorf("the task that waited was lost: %s", events[len(events)-1].Data)
	}
	v.running.interrupt()
}

// A killed program takes with it what it had started, also its screen and the
// programs there.
func TestKilledLeavesNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t, scripted(t, work)...)
	up := h.up()
	h.run(0, "run", chore{"x", "1"}.String())
	up.kill()
	noneSoon(t, h)
	h.run(1, "stop")
	h.up().interrupt()
	if left := processes(h); len(left) > 0 {
		t.Errorf("processes are left behind: %q", left)
	}
}

// A kill takes the screen along, so that nothing has the focus afterwards: a planner
// that says done although nothing could be typed is not believed.
func TestDoneAfterAKill(t *testing.T) {
	t.Parallel()
	h := newHome(t, scripted(t, func(s seen) string {
		switch {
		case !s.did("open"):
			return `open "text editor"`
		case !s.did("type"):
			return `type "hello"`
		default:
			return "done"
		}
	})...)
	up := h.up()
	nc := h.connect()
	publish(t, nc, `{"task": "write hello", "id": "t"}`)
	journal(t, nc, func(e contracts.JournalEntry) bool {
		return e.Phase == contracts.PhaseActing && e.Action.Verb == action.Open
	})
	up.kill()
	up = h.up()
	events := ended(t, h.bus(), "t")
	end := decode[contracts.TaskEnded](t, events[len(events)-1].Data)
	if verb(events[len(events)-1].Subject) != contracts.VerbFailed || end.Code != contracts.ReasonHands || !strings.Contains(end.Reason, `type "hello" could not be done`) {
		t.Errorf("the task ended with %s: %+v", events[len(events)-1].Subject, end)
	}
	up.interrupt()
}
