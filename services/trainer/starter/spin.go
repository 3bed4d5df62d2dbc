package starter

import (
	"slices"
	"strconv"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// spin: a number is brought to another one by two buttons. Few of its steps are shown,
// from anywhere on the way: which way to go and when to stop is to be learnt, not to
// go on.
func (g *Generator) spin() *episode {
	up, down := el(screen.Button, "▲"), el(screen.Button, "▼")
	if g.chance(0.25) {
		signs := pick(g.rng, [2]string{"+", "-"}, [2]string{"More", "Less"}, [2]string{"Up", "Down"}, [2]string{"Increase", "Decrease"})
		up, down = el(screen.Button, signs[0]), el(screen.Button, signs[1])
	}
	want := pick(g.rng, g.rng.IntN(21)-10, g.rng.IntN(21)-10, g.rng.IntN(200)-50)
	have := want
	switch g.rng.IntN(4) {
	case 0: // it is there
	case 1:
		have = want + pick(g.rng, -1, 1)
	case 2:
		have = 0
	default:
		have = want + g.rng.IntN(21) - 10
	}
	label := title(g.word())
	number := strconv.Itoa(want)
	request := pick(g.rng, "set the number to "+number, "bring the counter to "+number, "choose "+number+" with the arrows", "make it "+number, "get "+number+" into the spin box",
		"count to "+number, "pick "+number+" on the counter", "turn the number to "+number, "the value should be "+number, "set "+label+" to "+number, "I want "+number+" there")
	submit := el(screen.Button, pick(g.rng, "Submit", "OK", "Save", "Apply", "Next", g.caption()))
	sends := g.chance(0.8)
	if sends {
		request += pick(g.rng, " and press ", ", then click ", " and click ", ", then hit ", " and finish with ") + g.called(submit)
	}
	e := &episode{task: g.ask(request)}
	way := up
	if have > want {
		way = down
	}
	if gone := g.rng.IntN(6); gone > 0 && (have != want || g.chance(0.8)) { // what was done before
		if have == want {
			way = pick(g.rng, up, down)
		}
		for range gone {
			e.done = append(e.done, prompt.Done{Action: action.Action{Verb: action.Click, Target: screen.Screen{Elements: []screen.Element{way}}.Targets()[0]}.String()})
		}
	}
	seen, focused := g.watch(), g.chance(0.5) && len(e.done) > 0
	above, below := g.clutter(g.rng.IntN(2)), g.clutter(g.rng.IntN(2))
	heading := g.window()
	page := func() screen.Screen {
		s := screen.Screen{Title: heading, Elements: append(slices.Clip(above), el(screen.Text, label))}
		s.Elements = append(s.Elements, g.field(seen, label, strconv.Itoa(have), focused), up, down)
		if sends {
			s.Elements = append(s.Elements, submit)
		}
		s.Elements = append(s.Elements, below...)
		return s
	}
	for range 2 {
		if have == want {
			break
		}
		s := page()
		e.step(s, on(action.Click, s, index(s, way)), "")
		if have < want {
			have++
		} else {
			have--
		}
	}
	s := page()
	switch {
	case have != want: // it goes on
	case sends:
		e.step(s, on(action.Click, s, index(s, submit)), "")
		e.end(screen.Screen{Title: g.window(), Elements: g.clutter(g.rng.IntN(6))}, finished)
	default:
		e.end(s, finished)
	}
	return e
}
