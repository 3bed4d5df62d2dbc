package web

import (
	"github.com/grokputer/grokputer/contracts/action"
)

// Session is a page with a task.
type Session struct {
	Family string
	Task   string
	// HTML is the page's document, with ScriptMark where a script can go.
	HTML string
	// Goals are what the page must have come to, in order.
	Goals []Goal
	// End is the action that ends the task when every goal is met.
	End action.Action
	// Source is what stands on the page that the task has to be solved from, word for
	// word: without having seen it nobody could know what is right.
	Source string
	// Slips are controls that could be clicked by mistake: then the goals are still met.
	Slips []string
	// Trouble is what goes wrong on the way; may be nil.
	Trouble *Trouble
}

// ScriptMark stands in a document where a script can go.
const ScriptMark = "<!--script-->"

// Want is what a goal asks of a control.
type Want string

// What goals ask for.
const (
	Click   Want = "click"   // it was clicked
	Check   Want = "check"   // it is checked
	Uncheck Want = "uncheck" // it is not checked
	Focus   Want = "focus"   // what is typed goes there
	Fill    Want = "fill"    // it holds Text
	Choose  Want = "choose"  // Text is chosen in the list
	Number  Want = "number"  // it shows the number Text, which Up and Down change
	Expand  Want = "expand"  // what is below it is shown
	Enter   Want = "enter"   // it was sent off with the enter key
)

// Goal is one thing that a page must have come to.
type Goal struct {
	Want Want
	At   string // the control
	Text string
	// Up and Down are the controls that change a number.
	Up, Down string
}

// Trouble is something that goes wrong before the step that works for a goal.
type Trouble struct {
	Goal int
	// Result is what the planner is told of a first try, which was not carried out:
	// "no effect", or an error.
	Result string
	// Slip is a control that is really clicked instead, and has to be made up for.
	Slip string
}

// Control is one of the page's controls as it is.
type Control struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // what it is, by the page's own word
	// Name is what it says or is labelled with, "" for nothing that could be read.
	Name string `json:"name"`
	// Left to Bottom are in the screen's pixels.
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
	// Shown is whether it is there at all, In whether it is in view, and Free whether
	// nothing lies over its middle.
	Shown bool `json:"shown"`
	In    bool `json:"in"`
	Free  bool `json:"free"`
	// Below is whether what is not in view is further down.
	Below    bool   `json:"below"`
	Value    string `json:"value"` // of a field, a list or a number
	Checked  bool   `json:"checked"`
	Focused  bool   `json:"focused"`
	Expanded bool   `json:"expanded"`
	Clicks   int    `json:"clicks"`
	Enters   int    `json:"enters"`
}

// State is the page as it is.
type State struct {
	Controls []Control `json:"controls"`
}

// Find is the control with an identifier; Shown is false when there is none.
func (s State) Find(id string) Control {
	for _, c := range s.Controls {
		if c.ID == id {
			return c
		}
	}
	return Control{ID: id}
}

// Met reports whether the page has come to a goal.
func (s State) Met(g Goal) bool {
	c := s.Find(g.At)
	switch g.Want {
	case Click:
		return c.Clicks > 0
	case Check:
		return c.Checked
	case Uncheck:
		return !c.Checked
	case Focus:
		return c.Focused
	case Fill, Choose, Number:
		return c.Value == g.Text
	case Expand:
		return c.Expanded
	case Enter:
		return c.Enters > 0
	default:
		return false
	}
}
