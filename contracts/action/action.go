// Package action is the language in which the agent says what it does: one
// action a line, its target named by what it says on the screen.
//
//	click button "Log in"        type "hello"       open "calculator"
//	drag icon "a" to icon "b"    key ctrl+s         screenshot "Desktop/a.png"
//	scroll down 3                wait 2             find "*.pdf"
//	answer "4"    done           fail "why"         ask "which one?"
package action

import (
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
)

// Verb is the first word of an action.
type Verb string

// The verbs.
const (
	Click       Verb = "click"
	DoubleClick Verb = "doubleclick"
	RightClick  Verb = "rightclick"
	Hover       Verb = "hover"
	Drag        Verb = "drag"
	Scroll      Verb = "scroll"
	Type        Verb = "type"
	Key         Verb = "key"
	Open        Verb = "open"
	Screenshot  Verb = "screenshot"
	Find        Verb = "find"
	Wait        Verb = "wait"
	Answer      Verb = "answer"
	Done        Verb = "done"
	Fail        Verb = "fail"
	Ask         Verb = "ask"
)

// Verbs returns every verb.
func Verbs() []Verb {
	return []Verb{
		Click, DoubleClick, RightClick, Hover, Drag, Scroll, Type, Key, Open,
		Screenshot, Find, Wait, Answer, Done, Fail, Ask,
	}
}

// Limits of an action's numbers.
const (
	MaxKeys        = 4
	MaxScroll      = 20
	MaxWaitSeconds = 30
	DefaultScroll  = 3
	DefaultWait    = 5
)

// Action is one parsed action. Which fields are set depends on the verb.
type Action struct {
	Verb   Verb
	Target screen.Target // click, doubleclick, rightclick, hover, drag (from)
	To     screen.Target // drag
	Text   string        // type, open, screenshot, find, answer, fail, ask
	Keys   []string      // key: modifiers first, the key last
	Down   bool          // scroll: down instead of up
	N      int           // scroll: notches; wait: seconds
}

// String is the action in its canonical form, which Parse reads back.
func (a Action) String() string {
	switch a.Verb {
	case Click, DoubleClick, RightClick, Hover:
		return string(a.Verb) + " " + a.Target.String()
	case Drag:
		return string(a.Verb) + " " + a.Target.String() + " to " + a.To.String()
	case Scroll:
		direction := "up"
		if a.Down {
			direction = "down"
		}
		return string(a.Verb) + " " + direction + " " + strconv.Itoa(a.N)
	case Key:
		return string(a.Verb) + " " + strings.Join(a.Keys, "+")
	case Wait:
		return string(a.Verb) + " " + strconv.Itoa(a.N)
	case Done:
		return string(a.Verb)
	default:
		return string(a.Verb) + " " + screen.Quote(a.Text)
	}
}

// Ends reports whether the action is the task's last.
func (a Action) Ends() bool {
	switch a.Verb {
	case Answer, Done, Fail, Ask:
		return true
	default:
		return false
	}
}

// Input reports whether doing the action sends pointer or keyboard input.
func (a Action) Input() bool {
	switch a.Verb {
	case Click, DoubleClick, RightClick, Hover, Drag, Scroll, Type, Key:
		return true
	default:
		return false
	}
}

// Targets returns the elements that the action names: none, one or two.
func (a Action) Targets() []screen.Target {
	switch a.Verb {
	case Click, DoubleClick, RightClick, Hover:
		return []screen.Target{a.Target}
	case Drag:
		return []screen.Target{a.Target, a.To}
	default:
		return nil
	}
}

// MarshalText writes the action in its canonical form: so it stands in events.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *Action) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
