package web

import (
	"slices"
	"strconv"

	"github.com/grokputer/grokputer/contracts/action"
)

// notches is how far the wheel is turned to come to what is not in view.
const notches = 5

// Step is what is right next on a page.
type Step struct {
	Goal int // the goal that it works for; len(Goals) when all are met
	// Action is what is done. Its target is filled in by who sees the page.
	Action action.Action
	// At is the control that it is done to, "" for none.
	At string
	// Option is the entry of an open list that it is done to, "" for none. When it is
	// not seen, Typed is right instead.
	Option string
}

// Next says what is right on the page as it is. Last is the step before, as far as it
// was carried out.
func (s Session) Next(page State, last *Step) Step {
	i := slices.IndexFunc(s.Goals, func(g Goal) bool { return !page.Met(g) })
	if i < 0 {
		return Step{Goal: len(s.Goals), Action: s.End}
	}
	g := s.Goals[i]
	if last != nil && last.Goal != i {
		last = nil
	}
	step := s.toward(g, page, last)
	step.Goal = i
	if step.At != "" {
		if c := page.Find(step.At); !c.In && c.Shown {
			step.At, step.Action = "", action.Action{Verb: action.Scroll, Down: c.Below, N: notches}
		}
	}
	return step
}

// toward is the next step to a goal that is not met.
func (s Session) toward(g Goal, page State, last *Step) Step {
	c := page.Find(g.At)
	click := func(id string) Step { return Step{At: id, Action: action.Action{Verb: action.Click}} }
	again := last != nil && last.At == g.At && last.Action.Verb == action.Click
	switch g.Want {
	case Fill:
		switch {
		case !c.Focused && !again:
			return click(g.At)
		case c.Value != "" && (last == nil || last.Action.Verb != action.Key):
			return Step{Action: action.Action{Verb: action.Key, Keys: []string{"ctrl", "a"}}}
		default:
			return Step{Action: action.Action{Verb: action.Type, Text: g.Text}}
		}
	case Enter:
		return Step{Action: action.Action{Verb: action.Key, Keys: []string{"enter"}}}
	case Choose:
		switch {
		case again && last.Option == "":
			return Step{Option: g.Text, Action: action.Action{Verb: action.Click}}
		case last != nil && last.Action.Verb == action.Type:
			return Step{Action: action.Action{Verb: action.Key, Keys: []string{"enter"}}}
		default:
			return click(g.At)
		}
	case Number:
		have, errHave := strconv.Atoi(c.Value)
		want, errWant := strconv.Atoi(g.Text)
		if errHave != nil || errWant != nil || have < want {
			return click(g.Up)
		}
		return click(g.Down)
	default:
		return click(g.At)
	}
}

// Typed is the step that finds an entry of an open list that is not seen.
func (s Step) Typed() Step {
	return Step{Goal: s.Goal, Action: action.Action{Verb: action.Type, Text: s.Option}}
}
