package feedback

import (
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Suggestions returns the likely actions of a step in their canonical form, for a
// person who says what would have been right: a click of each element that the
// planner saw, controls before mere text and both in reading order, then a double click
// of each icon, then what needs no element. Every one can be done on that screen.
// An empty text, as in type "", is to be filled in.
func Suggestions(state prompt.State) []string {
	var controls, texts, icons []action.Action
	for _, t := range state.Visible().Targets() {
		click := action.Action{Verb: action.Click, Target: t}
		switch t.Kind {
		case screen.Text, screen.Image:
			texts = append(texts, click)
		case screen.Icon:
			icons = append(icons, action.Action{Verb: action.DoubleClick, Target: t})
			controls = append(controls, click)
		default:
			controls = append(controls, click)
		}
	}
	actions := append(append(controls, texts...), icons...)
	actions = append(actions, typing(state.Task)...)
	actions = append(actions, elsewhere()...)
	lines := make([]string, 0, len(actions))
	for _, a := range actions {
		lines = append(lines, a.String())
	}
	return lines
}

// typing returns the texts to type: those that the task puts in quotes, once each, and an empty one.
func typing(task string) []action.Action {
	var actions []action.Action
	seen := map[string]bool{"": true}
	for {
		start := strings.IndexByte(task, '"')
		if start < 0 {
			break
		}
		text, rest, err := screen.Unquote(task[start:])
		if err != nil {
			break // a quote that is not closed: nothing behind it can be told apart
		}
		task = rest
		if !seen[text] {
			seen[text] = true
			actions = append(actions, action.Action{Verb: action.Type, Text: text})
		}
	}
	return append(actions, action.Action{Verb: action.Type})
}

// elsewhere returns the likely actions that name no element.
func elsewhere() []action.Action {
	var actions []action.Action
	for _, keys := range [][]string{{"enter"}, {"tab"}, {"escape"}, {"ctrl", "a"}, {"ctrl", "s"}} {
		actions = append(actions, action.Action{Verb: action.Key, Keys: keys})
	}
	return append(
		actions,
		action.Action{Verb: action.Scroll, Down: true, N: action.DefaultScroll},
		action.Action{Verb: action.Scroll, N: action.DefaultScroll},
		action.Action{Verb: action.Open},
		action.Action{Verb: action.Wait, N: action.DefaultWait},
		action.Action{Verb: action.Answer},
		action.Action{Verb: action.Done},
		action.Action{Verb: action.Fail},
		action.Action{Verb: action.Ask},
	)
}
