package perfect

import (
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// Fault is what an episode failed for.
type Fault string

// The faults.
const (
	FaultEyes  Fault = "eyes"  // what the perfect plan needs was not seen
	FaultPlan  Fault = "plan"  // it was seen, and something else was done
	FaultHands Fault = "hands" // what was done was right for what was seen: it did not get there, or was misread
)

// Turn is a state and what was done in it; Undone when nothing was.
type Turn struct {
	State  prompt.State
	Action action.Action
	Undone bool
}

// Parting is where an episode parts from the perfect plan.
type Parting struct {
	// Fault is what the episode failed for, "" for a task without a perfect plan.
	Fault Fault
	// Turn counts from 0, and Right is what would have been right there; only with FaultPlan.
	Turn  int
	Right action.Action
}

// Blame compares an episode that failed with the perfect plan, up to the first
// turn at which they part. It is "" for a task without one.
func Blame(task string, turns []Turn) Fault { return Part(task, turns).Fault }

// Part is Blame with what would have been right.
func Part(task string, turns []Turn) Parting {
	plan, ok := plans()[task]
	if !ok {
		return Parting{}
	}
	for i, turn := range turns {
		v := look(turn.State)
		right, err := plan(v)
		switch {
		case err != nil:
			return Parting{Fault: FaultEyes}
		case turn.Undone, right.String() != turn.Action.String() && !asGood(task, v, turn.Action):
			return Parting{Fault: FaultPlan, Turn: i, Right: right}
		}
	}
	return Parting{Fault: FaultHands}
}
