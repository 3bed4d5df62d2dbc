package starter

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// check: boxes are ticked in the order asked for, those that are not yet, then a button
// is pressed.
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
	above, heading := g.clutter(g.rng.IntN(3)), g.window()
	page := func() screen.Screen {
		return screen.Screen{Title: heading, Elements: slices.Concat(above, boxes, []screen.Element{button})}
	}

	chosen := g.rng.Perm(len(boxes))[:1+g.rng.IntN(most)]
	names := make([]string, len(chosen))
	for i, c := range chosen {
		names[i] = strings.TrimRight(boxes[c].Text, ".…")
	}
	e := &episode{task: g.ask(pick(g.rng, "mark ", "tick ", "check ", "choose ") + strings.Join(names, ", ") +
		pick(g.rng, " and click ", " and press ", ", then ") + g.called(button))}
	if kind == screen.Check && g.chance(0.3) {
		boxes[chosen[g.rng.IntN(len(chosen))]].Checked = true
	}
	for _, c := range chosen {
		if boxes[c].Checked {
			continue
		}
		s := page()
		e.step(s, on(action.Click, s, len(above)+c), "")
		boxes[c].Checked = true
	}
	s := page()
	e.step(s, on(action.Click, s, len(s.Elements)-1), "")
	e.end(screen.Screen{Title: g.window(), Elements: g.clutter(g.rng.IntN(5))}, finished)
	return e
}
