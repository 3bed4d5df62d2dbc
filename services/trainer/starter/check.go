package starter

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// check: boxes are ticked in the order asked for, then a button is pressed.
func (g *Generator) check() *episode {
	kind := screen.Check
	most := 3
	if g.chance(0.3) {
		kind, most = screen.Radio, 1
	}
	boxes := make([]screen.Element, 3+g.rng.IntN(5))
	for i := range boxes {
		boxes[i] = el(kind, g.caption())
	}
	button := el(screen.Button, pick(g.rng, "Submit", "OK", "Apply", "Save", "Done", "Next", g.caption()))
	s := screen.Screen{Title: g.window(), Elements: slices.Concat(g.clutter(g.rng.IntN(3)), boxes, []screen.Element{button})}

	chosen := g.rng.Perm(len(boxes))[:1+g.rng.IntN(most)]
	names := make([]string, len(chosen))
	for i, c := range chosen {
		names[i] = strings.TrimRight(boxes[c].Text, ".…")
	}
	e := &episode{task: g.ask(pick(g.rng, "mark ", "tick ", "check ", "choose ") + strings.Join(names, ", ") +
		pick(g.rng, " and click ", " and press ", ", then ") + g.called(button))}
	for _, c := range chosen {
		e.step(s, on(action.Click, s, slices.Index(s.Elements, boxes[c])), "")
	}
	e.step(s, on(action.Click, s, index(s, button)), "")
	e.end(screen.Screen{Title: g.window(), Elements: g.clutter(g.rng.IntN(5))}, finished)
	return e
}
