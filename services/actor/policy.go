package actor

import (
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// Policy says what the agent may do by itself. It judges an action's consequences
// by its verb, the words on its target and the window it goes to. What the model
// says about an action plays no part.
type Policy struct {
	// Line is the class from which on an action waits for a person's approval.
	Line Class
	// Regions are parts of the desktop that no input goes to.
	Regions []Region
	// Windows are windows that no input goes to.
	Windows []WindowPattern
	// DryRun has every action planned, judged and recorded, and none done.
	DryRun bool
}

// Validate names the field that is wrong, and its value.
func (p Policy) Validate() error {
	if p.Line < Read || p.Line > Critical {
		return fmt.Errorf("policy line is %s, want one of %v", p.Line, Classes())
	}
	for _, r := range p.Regions {
		if r.Name == "" || r.Area.Empty() {
			return fmt.Errorf("the forbidden region %q is %v, want a name and an area", r.Name, r.Area)
		}
	}
	if slices.Contains(p.Windows, "") {
		return fmt.Errorf("a forbidden window has an empty pattern, which would forbid every window")
	}
	return nil
}

// NeedsApproval reports whether an action of this class waits for a person.
func (p Policy) NeedsApproval(c Class) bool { return c >= p.Line }

// Judgement is the class of an action, and why it is that.
type Judgement struct {
	Class Class
	// Rule is the name of the rule that says so, and Words are what it goes by:
	// as they stand in our lists, or on the screen.
	Rule  string
	Words string
}

// Judge judges an action on the state's screen by the gravest rule that applies.
func (Policy) Judge(state prompt.State, a action.Action) Judgement {
	for _, r := range rules() { // the gravest first
		if words, ok := r.applies(scene{state, a}); ok {
			return Judgement{Class: r.class, Rule: r.name, Words: words}
		}
	}
	return Judgement{Class: Read, Rule: "looks"}
}
