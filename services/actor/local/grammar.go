package local

import (
	"fmt"
	"strconv"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/services/actor"
)

// actions describes every action that can be done on the state's screen, in
// canonical form, and nothing else: elements that are there, applications and
// folders that are allowed. What may not be said here is left out.
func actions(state prompt.State, may actor.Constraint) (*grammar.Grammar, error) {
	not := refused(may.Not)
	if may.Verb != "" {
		e, some := not.choice(may.Verb, names(state.Visible().Targets()))
		if !some {
			return nil, fmt.Errorf("there is nothing to %s", may.Verb)
		}
		return grammar.Compile(e)
	}
	alternatives := []grammar.Expr{
		not.quoted(action.Type, 1), not.quoted(action.Fail, 0), not.quoted(action.Ask, 0),
	}
	add := func(e grammar.Expr, some bool) {
		if some {
			alternatives = append(alternatives, e)
		}
	}
	add(not.quoted(action.Answer, 0), may.Ends())
	add(grammar.Literal(string(action.Done)), may.Ends())
	add(not.words(action.Scroll, turns()))
	add(not.words(action.Wait, numbers(action.MaxWaitSeconds)))
	add(not.keys())
	targets := names(state.Visible().Targets())
	for _, e := range not.pointed(targets) {
		add(e, true)
	}
	add(not.drags(targets))
	add(not.words(action.Open, quotes(may.Apps)))
	if len(may.Folders) > 0 {
		alternatives = append(alternatives, not.screenshot(may.Folders), not.quoted(action.Find, 1))
	}
	return grammar.Compile(grammar.Choice(alternatives...))
}

// names are the elements, each as it is named in an action.
func names(targets []screen.Target) []string {
	words := make([]string, len(targets))
	for i, t := range targets {
		words[i] = t.String()
	}
	return words
}

// quotes are texts as they stand in an action.
func quotes(texts []string) []string {
	words := make([]string, len(texts))
	for i, t := range texts {
		words[i] = screen.Quote(t)
	}
	return words
}

// turns are the ways of the wheel.
func turns() []string {
	var words []string
	for _, way := range []string{"down ", "up "} {
		for _, n := range numbers(action.MaxScroll) {
			words = append(words, way+n)
		}
	}
	return words
}

func numbers(most int) []string {
	words := make([]string, most)
	for i := range words {
		words[i] = strconv.Itoa(i + 1)
	}
	return words
}

// held are the modifiers that programs use.
func held() []string {
	return []string{"", "ctrl+", "alt+", "shift+", "super+", "ctrl+shift+", "ctrl+alt+", "alt+shift+", "ctrl+alt+shift+"}
}
