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

// Blame compares an episode that failed with the perfect plan, up to the first
// turn at which they part. It is "" for a task without one.
func Blame(task string, turns []Turn) Fault {
	plan, ok := plans()[task]
	if !ok {
		return ""
	}
	for _, turn := range turns {
		right, err := plan(look(turn.State))
		switch {
		case err != nil:
			return FaultEyes
		case turn.Undone || right.String() != turn.Action.String():
			return FaultPlan
		}
	}
	return FaultHands
}
