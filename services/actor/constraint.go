package actor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// ErrCannot means that an action cannot be done here. The message says why.
var ErrCannot = errors.New("this action cannot be done here")

// Constraint is what can be done besides what the screen at hand offers, and what
// may not be said on it.
type Constraint struct {
	// Apps are the names and aliases that open takes.
	Apps []string
	// Folders are the names with which the path of a screenshot begins.
	Folders []string
	// Not are actions that came to nothing on this screen, and are not to be tried
	// again on it.
	Not []action.Action
	// Verb is the only one that may be said, of those that name elements; empty for any.
	Verb action.Verb
	// Unfinished says why the task cannot be over: done and answer may not be said.
	// It is a part of a sentence, empty where they may.
	Unfinished string
}

// Ends reports whether an action that says that the task is done may be said.
func (c Constraint) Ends() bool { return c.Unfinished == "" }

// Refuses reports whether an action is one of Not.
func (c Constraint) Refuses(a action.Action) bool {
	return slices.ContainsFunc(c.Not, func(not action.Action) bool { return not.String() == a.String() })
}

// Check reports whether the action can be done on the state's screen: that
// every element it names is among those that the model was shown, its
// application is allowed, its path begins with a known folder, and nothing speaks
// against it. The error is an ErrCannot that tells the planner what is wrong.
func (c Constraint) Check(state prompt.State, a action.Action) error {
	visible := state.Visible()
	for _, t := range a.Targets() {
		if _, err := visible.Find(t); err != nil {
			return fmt.Errorf("%w: %w", ErrCannot, err)
		}
	}
	switch a.Verb {
	case action.Open:
		if !slices.ContainsFunc(c.Apps, func(name string) bool { return strings.EqualFold(name, a.Text) }) {
			return fmt.Errorf("%w: %q is not on the list of applications (%s)", ErrCannot, a.Text, strings.Join(c.Apps, ", "))
		}
	case action.Screenshot:
		folder, name, ok := strings.Cut(a.Text, "/")
		if !ok || name == "" || !slices.ContainsFunc(c.Folders, func(f string) bool { return strings.EqualFold(f, folder) }) {
			return fmt.Errorf("%w: a screenshot is saved as folder/name.png, folder being one of %s", ErrCannot, strings.Join(c.Folders, ", "))
		}
	case action.Type, action.Find:
		if a.Text == "" {
			return fmt.Errorf("%w: %s needs a text", ErrCannot, a.Verb)
		}
	case action.Done, action.Answer:
		if !c.Ends() {
			return fmt.Errorf("%w: the task is not done, for %s", ErrCannot, c.Unfinished)
		}
	}
	if c.Verb != "" && a.Verb != c.Verb {
		return fmt.Errorf("%w: only which element to %s is asked for", ErrCannot, c.Verb)
	}
	if c.Refuses(a) {
		return fmt.Errorf("%w: %s came to nothing on this screen before, another action is needed", ErrCannot, a)
	}
	return nil
}
