package starter

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// check: boxes are made to be checked, or not to be, in the order asked for, then
// a button is pressed. What is so already is left alone.
func (g *Generator) check() *episode {
	kind, most, wanted := screen.Check, 3, g.chance(0.85)
	if g.chance(0.3) {
		kind, most, wanted = screen.Radio, 1, true
	}
	seen := g.watch()
	boxes := g.boxes(kind, 3+g.rng.IntN(5))
	chosen := g.rng.Perm(len(boxes))[:1+g.rng.IntN(most)]
	names := make([]string, len(chosen))
	for i, c := range chosen {
		names[i] = strings.TrimRight(boxes[c].Text, ".…")
		// mostly a box is as it is because nobody has touched it
		boxes[c].Checked = g.chance(0.2) == wanted
	}
	if !seen.checks { // then none can be told from another, and all that are asked for are off
		wanted = true
		for i := range boxes {
			boxes[i].Checked = false
		}
	} else if kind == screen.Radio {
		onlyOne(boxes)
	}
	button := el(screen.Button, pick(g.rng, "Submit", "OK", "Apply", "Save", "Done", "Next", g.caption()))
	s := screen.Screen{Title: g.window(), Elements: slices.Concat(g.clutter(g.rng.IntN(3)), boxes, []screen.Element{button})}
	first := index(s, boxes[0])

	verb := g.ticking(wanted)
	if wanted && g.chance(0.6) {
		verb = pick(g.rng, "mark", "tick", "check", "choose")
	}
	e := &episode{task: g.ask(verb + " " + strings.Join(names, ", ") + pick(g.rng, " and click ", " and press ", ", then ") + g.called(button))}
	for _, c := range chosen {
		at := first + c
		if s.Elements[at].Checked == wanted {
			continue
		}
		g.presses(e, s, on(action.Click, s, at))
		if seen.checks {
			box := s.Elements[at]
			box.Checked = wanted
			if kind == screen.Radio {
				s = noneChecked(s)
			}
			s = with(s, at, box)
		}
	}
	g.presses(e, s, on(action.Click, s, len(s.Elements)-1))
	e.end(screen.Screen{Title: g.window(), Elements: g.clutter(g.rng.IntN(5))}, finished)
	return e
}

// boxes are n boxes with different captions, some of which are checked.
func (g *Generator) boxes(kind screen.Kind, n int) []screen.Element {
	boxes := make([]screen.Element, n)
	for i := range boxes {
		boxes[i] = el(kind, g.caption())
		boxes[i].Checked = g.chance(0.25)
	}
	return boxes
}

// onlyOne leaves the first checked radio button of a group checked.
func onlyOne(boxes []screen.Element) {
	found := false
	for i := range boxes {
		boxes[i].Checked = boxes[i].Checked && !found
		found = found || boxes[i].Checked
	}
}

// noneChecked is a screen without a checked radio button.
func noneChecked(s screen.Screen) screen.Screen {
	s.Elements = slices.Clone(s.Elements)
	for i := range s.Elements {
		if s.Elements[i].Kind == screen.Radio {
			s.Elements[i].Checked = false
		}
	}
	return s
}
