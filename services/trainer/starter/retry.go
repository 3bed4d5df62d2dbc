package starter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// What the planner is told of an action that did not work, in the actor's words.
const (
	noEffect = "no effect"
	inDoubt  = "in doubt"
	noFocus  = "no window has the focus"
)

// stumbled reports whether a result says that an action did not work.
func stumbled(result string) bool {
	return result == noEffect || result == noFocus || strings.HasPrefix(result, inDoubt)
}

// Shares of the actions that do not work at first. An action whose second try
// does not work either ends its task, so no episode shows that.
const (
	pressFails = 0.06
	typeFails  = 0.08
	openFails  = 0.05
)

// presses is a step on an element that now and then does nothing at first: what
// the screen does not show to be done is done again.
func (g *Generator) presses(e *episode, s screen.Screen, a action.Action) {
	if g.chance(pressFails) {
		e.step(s, a, pick(g.rng, noEffect, noEffect, noEffect, inDoubt))
	}
	e.step(s, a, "")
}

// types is a step that types into the focused field of a screen, number field of its
// elements. Now and then it does not get there at first: where the field has lost
// the focus a click gives it back, and the text is typed again.
func (g *Generator) types(e *episode, s screen.Screen, field int, text string) {
	a := say(action.Type, text)
	switch {
	case g.chance(typeFails):
		e.step(s, a, pick(g.rng, noEffect, noEffect, noFocus))
		lost := s.Elements[field]
		lost.Focused = false
		unfocused := with(s, field, lost)
		e.step(unfocused, on(action.Click, unfocused, field), "")
	case g.chance(typeFails / 4):
		e.step(s, a, pick(g.rng, inDoubt, g.typedInDoubt(text)))
	}
	e.step(s, a, "")
}

// typedInDoubt is what is told of a text that a crash cut short. The field shows
// that nothing of it got there.
func (g *Generator) typedInDoubt(text string) string {
	return fmt.Sprintf("%s: 0 to 1 of %d characters were typed", inDoubt, utf8.RuneCountInString(text))
}

// opens is a step that opens a program from a screen. Now and then the screen
// shows no window of it: then it is opened again.
func (g *Generator) opens(e *episode, s screen.Screen, name string) {
	a := say(action.Open, name)
	if g.chance(openFails) {
		e.step(s, a, pick(g.rng, noEffect, inDoubt))
		s = screen.Screen{}
	}
	e.step(s, a, "")
}

// vanishes is a program that was opened and is not there any more when text is
// to go to it: it is opened again.
func (g *Generator) vanishes(e *episode, name string, a action.Action) {
	if g.chance(openFails) {
		e.step(screen.Screen{}, a, noFocus)
		e.step(screen.Screen{}, say(action.Open, name), "")
	}
}
