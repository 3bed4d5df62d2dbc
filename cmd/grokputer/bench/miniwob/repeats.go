package miniwob

import (
	"reflect"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

// repeats counts the clicks that repeat the step before: the same action on a screen on
// which the planner was told the same title and the same elements. A click that changes what
// is seen, such as one on an arrow beside a number, can be wanted again and is none.
func repeats(steps []contracts.TaskStep) int {
	n := 0
	for i, step := range steps {
		if i == 0 {
			continue
		}
		before := steps[i-1]
		switch step.Action.Verb {
		case action.Click, action.DoubleClick, action.RightClick:
		default:
			continue
		}
		if step.Action.String() == before.Action.String() && step.State != nil && before.State != nil &&
			reflect.DeepEqual(step.State.Visible(), before.State.Visible()) {
			n++
		}
	}
	return n
}
