package starter

import (
	"slices"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// menu: an entry of a menu that has to be opened first.
func (g *Generator) menu() *episode {
	bar := make([]screen.Element, 3+g.rng.IntN(5))
	for i := range bar {
		bar[i] = el(screen.Menu, title(g.word()))
	}
	opened := bar[g.rng.IntN(len(bar))]
	entry := el(screen.Menu, g.caption())
	name := g.called(opened)

	s := screen.Screen{Title: g.window(), Elements: slices.Concat(bar, g.clutter(g.rng.IntN(6)))}
	unfolded := screen.Screen{Title: s.Title, Elements: slices.Concat(bar, []screen.Element{
		el(screen.Menu, g.caption()), el(screen.Menu, g.caption()), el(screen.Menu, g.caption()),
	})}
	at := len(bar) + g.rng.IntN(4)
	unfolded.Elements = slices.Insert(unfolded.Elements, at, entry)

	what := g.called(entry)
	e := &episode{task: g.ask(pick(g.rng,
		"choose "+what+" in "+name,
		"open "+name+" and click "+what,
		"in "+name+" select "+what,
		"use "+what+" from "+name,
		"click "+name+", then "+what,
	))}
	g.presses(e, s, on(action.Click, s, slices.Index(s.Elements, opened)))
	g.presses(e, unfolded, on(action.Click, unfolded, at))
	e.end(s, finished)
	return e
}
