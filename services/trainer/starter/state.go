package starter

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
)

// watched is how much an observer has seen of the states of the elements on an
// episode's screens: what it misses, it misses on all of them.
type watched struct{ captions, focus, checks bool }

// watch draws how much is seen: nearly always all.
func (g *Generator) watch() watched {
	return watched{captions: g.chance(0.85), focus: g.chance(0.85), checks: g.chance(0.95)}
}

// field is a field as it is seen, with the text beside it as its caption.
func (g *Generator) field(w watched, caption, text string, focused bool) screen.Element {
	e := el(screen.Field, text)
	if w.captions {
		e.Caption = caption
	}
	e.Focused = focused && w.focus
	return e
}

// stated gives elements that have nothing to do with the task a state now and
// then: a box is checked, a field has a caption.
func (g *Generator) stated(e screen.Element) screen.Element {
	switch e.Kind {
	case screen.Check, screen.Radio:
		e.Checked = g.chance(0.3)
	case screen.Field:
		if g.chance(0.4) {
			e.Caption = strings.TrimRight(g.caption(), ".…")
		}
	}
	return e
}

// with is a screen on which one element is another.
func with(s screen.Screen, i int, e screen.Element) screen.Screen {
	s.Elements = slices.Clone(s.Elements)
	s.Elements[i] = e
	return s
}
