package actor

import (
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

// unfinished says why the task cannot be done yet, and how it ends if it stays so:
// the last step that was to do something did not. "" means that nothing speaks
// against it.
//
// An error, and what the policy forbids, stand until something was done that
// worked; looking again, or moving the focus, does not make up for it. A step that a crash left in doubt
// may have worked, and so may a click that shows nothing: there it is enough that
// the planner has looked once more, by any step. A shortcut need not show anything,
// unless it was pressed again. Of a dry run nothing is asked: it goes on as if all
// had been done.
func (t *task) unfinished() (why string, code contracts.Reason) {
	looked := false
	worked := map[action.Verb]bool{}
	for i, step := range slices.Backward(t.steps) {
		acts := leavesTraces(step.Action)
		switch step.Outcome {
		case contracts.OutcomeDry:
			return "", ""
		case contracts.OutcomeChanged, contracts.OutcomeResult:
			if acts && !looks(step.Action) && step.Effect != contracts.EffectFocus {
				return "", ""
			}
			worked[step.Action.Verb] = true
		case contracts.OutcomeUnchanged:
			again := i > 0 && t.steps[i-1].Action.String() == step.Action.String()
			if !looked && acts && !looks(step.Action) && (!isShortcut(step.Action) || again) {
				return fmt.Sprintf("%s had no effect", step.Action), contracts.ReasonNoEffect
			}
		case contracts.OutcomeForbidden:
			return fmt.Sprintf("%s was not done: %s", step.Action, step.Result), contracts.ReasonDenied
		case contracts.OutcomeError:
			if step.Result == inDoubt && !looked {
				return fmt.Sprintf("a crash left it in doubt whether %s was done", step.Action), contracts.ReasonInDoubt
			}
			if step.Result != inDoubt && !worked[step.Action.Verb] {
				return fmt.Sprintf("%s could not be done: %s", step.Action, step.Result), contracts.ReasonHands
			}
		}
		looked = true
	}
	return "", ""
}

// looks reports whether input is given to see more, not to change something.
func looks(a action.Action) bool { return a.Verb == action.Scroll || a.Verb == action.Hover }

// isShortcut reports whether an action is a key that is pressed with ctrl, alt or
// super: programs save and copy without a sign of it.
func isShortcut(a action.Action) bool {
	return a.Verb == action.Key && slices.ContainsFunc(a.Keys[:max(0, len(a.Keys)-1)], func(held string) bool { return held != "shift" })
}
