package trainer

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// correctedSessions are sessions of different tasks, each with a corrected step.
func correctedSessions(n int) []session {
	list := make([]session, n)
	for i := range list {
		task := fmt.Sprint("get ", i)
		right := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "B"}}
		list[i].Bundle = contracts.Bundle{
			SessionID: fmt.Sprint("session_", i), TaskID: fmt.Sprint(i), Task: task, Rating: 1, Outcome: contracts.VerbCompleted,
			Steps: []contracts.BundleStep{{
				Step: 1, Action: action.Action{Verb: action.Done}, Corrected: &right, Verdict: contracts.VerdictWrong,
				State: prompt.State{Task: task, Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Button, Text: "B"}}}},
			}},
		}
	}
	return list
}

// A fifth of the tasks is never learned from once that holds enough corrections, and
// which ones does not depend on what else there is.
func TestApart(t *testing.T) {
	t.Parallel()
	few := correctedSessions(40)
	if learn, measured := apart(few, 0, 30, 10); len(learn) != 40 || len(measured) != 0 {
		t.Errorf("of few %d are learned from, %d measured with", len(learn), len(measured))
	}
	many := correctedSessions(300)
	learn, measured := apart(many, 0, 30, 10)
	if n := len(measured); n < 30 || n > 90 || len(learn)+n != 300 {
		t.Fatalf("%d are learned from, %d measured with", len(learn), n)
	}
	learned := map[string]bool{}
	for _, s := range learn {
		learned[s.Task] = true
	}
	for _, e := range measured {
		if learned[e.State.Task] || !e.HeldOut || e.Set != gate.Corrections || e.Kind != KindLesson {
			t.Errorf("measured with: %+v", e)
		}
	}
	_, later := apart(append(correctedSessions(300), correctedSessions(310)[300:]...), 0, 30, 10)
	for i, e := range measured {
		if later[i].State.Task != e.State.Task {
			t.Fatalf("with ten more sessions %q takes the place of %q", later[i].State.Task, e.State.Task)
		}
	}
}

// The starter's steps that are measured with are the same ones each time, and not replayed.
func TestGuards(t *testing.T) {
	t.Parallel()
	replay := make([]Example, 50)
	for i := range replay {
		replay[i] = Example{Kind: "press", State: prompt.State{Task: fmt.Sprint("press ", i)}, Right: action.Action{Verb: action.Done}}
	}
	left, measured := guards(replay, 10)
	if len(left) != 40 || len(measured) != 10 {
		t.Fatalf("%d are replayed, %d measured with", len(left), len(measured))
	}
	again, same := guards(append(replay[25:len(replay):len(replay)], replay[:25]...), 10)
	for i := range measured {
		if same[i].State.Task != measured[i].State.Task || same[i].Set != gate.Replay || !same[i].HeldOut {
			t.Errorf("%+v, before %+v", same[i], measured[i])
		}
	}
	for _, e := range append(left, again...) {
		for _, m := range measured {
			if e.State.Task == m.State.Task || e.HeldOut {
				t.Errorf("%q is replayed and measured with", e.State.Task)
			}
		}
	}
	if left, measured := guards(replay[:3], 10); len(left) != 0 || len(measured) != 3 {
		t.Errorf("of three %d are replayed, %d measured with", len(left), len(measured))
	}
}
