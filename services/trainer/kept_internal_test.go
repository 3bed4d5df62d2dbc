package trainer

import (
	"fmt"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// goodSteps are right steps of a session, of one task.
func goodSteps(sequence uint64, task string, n int) (list []Example) {
	for i := range n {
		list = append(list, Example{
			Kind: KindGood, State: prompt.State{Task: task, Done: make([]prompt.Done, i)}, Right: action.Action{Verb: action.Done},
			Source: &Source{SessionID: fmt.Sprint("s", sequence), Sequence: sequence, Step: i + 1},
		})
	}
	return list
}

// The newest steps are kept, a task of many steps has no more than its turn, and the order in which
// they come says nothing.
func TestKept(t *testing.T) {
	t.Parallel()
	all := slices.Concat(goodSteps(1, "old", 2), goodSteps(2, "long", 9), goodSteps(3, "short", 1), goodSteps(4, "long", 9), goodSteps(5, "Old ", 1))
	of := func(kept []Example) (list []string) {
		for _, e := range kept {
			list = append(list, e.Source.SessionID)
		}
		return list
	}
	for n, want := range map[int][]string{
		0: nil, 2: {"s5", "s4"}, 3: {"s5", "s4", "s3"}, 5: {"s5", "s4", "s3", "s4", "s1"}, 7: {"s5", "s4", "s3", "s4", "s1", "s4", "s1"},
	} {
		if got := of(Kept(all, n)); !slices.Equal(got, want) {
			t.Errorf("of %d: %v, want %v", n, got, want)
		}
	}
	if n := len(Kept(all, 100)); n != len(all) {
		t.Errorf("%d are kept, want all %d", n, len(all))
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	for i, e := range Kept(all, 10) {
		if other := Kept(backwards, 10)[i]; other.Source != e.Source {
			t.Errorf("backwards %+v is the %d., not %+v", other.Source, i+1, e.Source)
		}
	}
}

// Once tasks are held out, their right steps are measured with, too.
func TestApartKeeps(t *testing.T) {
	t.Parallel()
	sessions := correctedSessions(300)
	for i := range sessions {
		sessions[i].Steps = append(sessions[i].Steps, contracts.BundleStep{
			Step: 2, Action: action.Action{Verb: action.Done}, Verdict: contracts.VerdictRight,
			State: prompt.State{Task: sessions[i].Task, Done: make([]prompt.Done, 1)},
		})
	}
	learn, measured := apart(sessions, 0, 30, 10)
	kept := 0
	for _, e := range measured {
		if e.Set != gate.Kept {
			continue
		}
		kept++
		if e.Kind != KindGood || !e.HeldOut || slices.ContainsFunc(learn, func(s session) bool { return s.Task == e.State.Task }) {
			t.Errorf("kept: %+v", e)
		}
	}
	if kept != 10 {
		t.Errorf("%d are kept", kept)
	}
}
