package starter

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// operator of a sum: how it is keyed in and what people call it.
type operator struct {
	key    string
	called []string
	apply  func(a, b int) float64
}

var operators = []operator{
	{"+", []string{"+", "+", " + ", " plus "}, func(a, b int) float64 { return float64(a + b) }},
	{"-", []string{"-", " - ", " minus "}, func(a, b int) float64 { return float64(a - b) }},
	{"*", []string{"*", " * ", " times ", " x ", " multiplied by "}, func(a, b int) float64 { return float64(a) * float64(b) }},
	{"/", []string{"/", " / ", " divided by "}, func(a, b int) float64 { return math.Round(float64(a)/float64(b)*1e6) / 1e6 }},
}

// sum: a calculation is keyed into a calculator and the display read.
func (g *Generator) sum() *episode {
	name, called := g.program("calculator", "calculator", "calculator", "calc")
	op := operators[0]
	if g.chance(0.5) {
		op = pick(g.rng, operators...)
	}
	a, b := g.number(), 1+g.number()
	spoken := strconv.Itoa(a) + pick(g.rng, op.called...) + strconv.Itoa(b)
	keys := strconv.Itoa(a) + op.key + strconv.Itoa(b) + "="
	result := strconv.FormatFloat(op.apply(a, b), 'f', -1, 64)

	if op.key == "+" && g.chance(0.15) {
		spoken = pick(g.rng, fmt.Sprintf("the sum of %d and %d", a, b), fmt.Sprintf("%d and %d added together", a, b))
	}
	request := g.opening() + " " + called + pick(g.rng, " and ", ", then ", " and then ", " to ") +
		pick(g.rng, "work out ", "calculate ", "compute ", "find ", "tell me ", "tell me what is ") + spoken
	if g.chance(0.25) {
		request = pick(g.rng, "use "+called+" to "+pick(g.rng, "work out ", "calculate ", "find ")+spoken, "tell me what "+spoken+" is, with "+called, "what is "+spoken+"? use "+called, "work out "+spoken+" with "+called)
	}
	e := &episode{task: g.ask(request)}

	window := pick(g.rng, title(name), "Calculator", title(g.word()))
	zero, display := g.calculator(window, pick(g.rng, "0", "0", "", "0."))
	g.opens(e, g.desktop(), name)
	if g.chance(0.1) {
		g.interrupt(e)
	}
	g.vanishes(e, name, say(action.Type, keys))
	if g.chance(typeFails / 2) {
		e.step(zero, say(action.Type, keys), pick(g.rng, noEffect, inDoubt)) // the display shows that nothing was keyed in
	}
	e.step(zero, say(action.Type, keys), "")
	shown := zero
	shown.Elements = slices.Clone(zero.Elements)
	shown.Elements[display].Text = result
	e.end(shown, say(action.Answer, result))
	return e
}

// number has one to four digits, the short ones as often as the long ones.
func (g *Generator) number() int {
	return g.rng.IntN(int(math.Pow10(1 + g.rng.IntN(4))))
}

// calculator is its window: menus, a display, and keys of which a reader finds some.
// display is where its result stands among the elements.
func (g *Generator) calculator(window, shown string) (s screen.Screen, display int) {
	s.Title = window
	for _, m := range []string{"File", "Edit", "Mode", "View", "Calculator", "Help"} {
		if g.chance(0.5) {
			s.Elements = append(s.Elements, el(screen.Menu, m))
		}
	}
	display = len(s.Elements)
	s.Elements = append(s.Elements, el(pick(g.rng, screen.Field, screen.Field, screen.Text), shown))
	if g.chance(0.3) {
		s.Elements = append(s.Elements, el(screen.Text, pick(g.rng, "DEC", "DEG", "ALG", "RAD", "M")))
	}
	found := 0.2 + 0.8*g.rng.Float64()
	for k := range strings.FieldsSeq("MC MR MS C CE ( ) % 7 8 9 / 4 5 6 * 1 2 3 - 0 . = + sqrt x^2") {
		if g.chance(found) {
			kind := screen.Button
			if g.chance(0.1) {
				kind = screen.Text
			}
			s.Elements = append(s.Elements, el(kind, k))
		}
	}
	return s, display
}
