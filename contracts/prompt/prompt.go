// Package prompt puts a task, a screen and what was done so far into the words
// that the planner's model reads. The trainer learns from the same words, so
// this is the only place that writes them.
package prompt

import (
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// System is the conversation's first message.
const System = "You work a desktop. Say the next action."

// MaxElements is how many elements of a screen the model sees: the first in
// reading order.
const MaxElements = 100

// MaxDone is how many of the last actions the model sees.
const MaxDone = 12

// Done is an action that was carried out and what came of it.
type Done struct {
	Action string `json:"action"` // in the action language
	Result string `json:"result"` // a count, a path, an outcome; may be empty
}

// State is all that the model is told before it says the next action.
type State struct {
	Task   string        `json:"task"`
	Screen screen.Screen `json:"screen"`
	Done   []Done        `json:"done,omitempty"`
}

// Visible is the screen cut to what the model sees of it: only these elements
// can be named by an action.
func (s State) Visible() screen.Screen {
	cut := s.Screen
	if len(cut.Elements) > MaxElements {
		cut.Elements = cut.Elements[:MaxElements]
	}
	return cut
}

// Check reports whether every element that the action names is among those that
// the model sees. The error is a screen.ErrNoElement.
func (s State) Check(a action.Action) error {
	visible := s.Visible()
	for _, t := range a.Targets() {
		if _, err := visible.Find(t); err != nil {
			return err
		}
	}
	return nil
}

// Render writes the user's message. What comes from the screen is quoted, so
// that no text on it can begin a line of its own.
func Render(s State) string {
	var b strings.Builder
	b.WriteString("Task: ")
	b.WriteString(screen.Line(s.Task))
	b.WriteString("\nScreen ")
	b.WriteString(screen.Quote(s.Screen.Title))
	b.WriteString(":\n")
	visible := s.Visible()
	for i, t := range visible.Targets() {
		b.WriteString(t.String())
		b.WriteString(visible.Elements[i].State())
		b.WriteByte('\n')
	}
	b.WriteString("Done so far:")
	if len(s.Done) == 0 {
		b.WriteString(" nothing")
	}
	for _, d := range s.Done[max(0, len(s.Done)-MaxDone):] {
		b.WriteByte('\n')
		b.WriteString(screen.Line(d.Action))
		if d.Result != "" {
			b.WriteString(" -> ")
			b.WriteString(screen.Line(d.Result))
		}
	}
	return b.String()
}
