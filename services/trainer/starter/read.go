package starter

import (
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// read: a value that stands beside its label is asked for.
func (g *Generator) read() *episode {
	rows := 2 + g.rng.IntN(5)
	elements := make([]screen.Element, 0, 2*rows)
	values := make([]string, rows)
	labels := make([]string, rows)
	for i := range rows {
		labels[i] = title(g.phrase(1, 2))
		values[i] = pick(g.rng, g.phrase(1, 2), g.name(), g.secret())
		label := labels[i]
		if g.chance(0.3) {
			label += ":"
		}
		elements = append(elements, el(screen.Text, label), el(pick(g.rng, screen.Text, screen.Field), values[i]))
	}
	s := screen.Screen{Title: g.window(), Elements: g.around(elements, g.rng.IntN(5))}
	asked := g.rng.IntN(rows)
	label := labels[asked]
	if g.chance(0.5) {
		label = strings.ToLower(label)
	}
	e := &episode{task: g.ask(pick(g.rng,
		"what is the "+label+"?", "tell me the "+label, "read the "+label+" and tell me", "which "+label+" is shown?",
	))}
	e.end(s, say(action.Answer, values[asked]))
	return e
}

// missing: what is asked for is not on the screen.
func (g *Generator) missing() *episode {
	aim := el(pick(g.rng, screen.Button, screen.Link, screen.Tab), g.caption())
	s := screen.Screen{Title: g.window(), Elements: g.around([]screen.Element{aim}, 2+g.rng.IntN(8))}
	i := index(s, aim)
	s.Elements = append(s.Elements[:i:i], s.Elements[i+1:]...)
	e := &episode{task: g.ask(pick(g.rng, "click ", "press ", "choose ") + "the " + aim.Text + " " + string(aim.Kind))}
	e.end(s, say(action.Fail, "there is no "+string(aim.Kind)+" "+aim.Text))
	return e
}
