package rating

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/console"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/feedback"
)

// completion completes actions that can be done on the screen of a step: first
// the verb, then what it is done to.
func completion(state prompt.State) console.Complete {
	targets := state.Visible().Targets()
	return func(before string) []string {
		before = strings.TrimLeft(before, " ")
		verb, _, whole := strings.Cut(before, " ")
		var candidates []string
		switch action.Verb(verb) {
		case action.Click, action.DoubleClick, action.RightClick, action.Hover:
			for _, t := range targets {
				candidates = append(candidates, verb+" "+t.String())
			}
		case action.Drag:
			for _, from := range targets {
				for _, to := range targets {
					if from != to {
						candidates = append(candidates, verb+" "+from.String()+" to "+to.String())
					}
				}
			}
		case action.Key:
			for _, k := range append(action.NamedKeys(), action.Modifiers()...) {
				candidates = append(candidates, verb+" "+k)
			}
		default:
			candidates = feedback.Suggestions(state)
		}
		if !whole {
			candidates = verbs()
		}
		candidates = slices.DeleteFunc(candidates, func(c string) bool { return !strings.HasPrefix(c, before) })
		return slices.Compact(candidates)
	}
}

// verbs are the beginnings of all actions.
func verbs() []string {
	var begin []string
	for _, v := range action.Verbs() {
		word := string(v)
		if v != action.Done {
			word += " "
		}
		begin = append(begin, word)
	}
	return begin
}
