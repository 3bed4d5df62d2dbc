package starter

import (
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// what people call each kind of element.
var callings = map[screen.Kind][]string{
	screen.Button: {"button", "button", ""},
	screen.Link:   {"link", "link", ""},
	screen.Tab:    {"tab", "tab"},
	screen.Menu:   {"menu", "menu", ""},
	screen.Icon:   {"icon", ""},
	screen.Check:  {"check box", "checkbox", "box"},
	screen.Radio:  {"option", "radio button"},
	screen.Text:   {"text", "word", "line"},
}

// called is how a person names an element: by its caption, not always with the
// same capitals, dots or quotes.
func (g *Generator) called(e screen.Element) string {
	name := strings.TrimRight(e.Text, ".…")
	if g.chance(0.3) {
		name = strings.ToLower(name)
	}
	if g.chance(0.4) {
		name = `"` + name + `"`
	}
	what := pick(g.rng, callings[e.Kind]...)
	switch {
	case what == "" && g.chance(0.5):
		return name
	case what == "":
		return "the " + name
	case g.chance(0.3):
		return "the " + what + " " + name
	default:
		return "the " + name + " " + what
	}
}

// press: one element is to be clicked, doubly, with the right button or hovered.
func (g *Generator) press() *episode {
	kind := pick(g.rng, screen.Button, screen.Button, screen.Button, screen.Link, screen.Link, screen.Tab, screen.Icon, screen.Menu)
	aim := el(kind, g.caption())
	s := screen.Screen{Title: g.window(), Elements: g.around([]screen.Element{aim}, 2+g.rng.IntN(12))}
	name := g.called(aim)

	verb := action.Click
	request := pick(g.rng, "click", "press", "push", "hit", "choose", "select", "tap", "go to", "use", "activate")
	switch g.rng.IntN(12) {
	case 0:
		verb, request = action.DoubleClick, pick(g.rng, "double-click", "double click", "click twice on")
	case 1:
		verb, request = action.RightClick, pick(g.rng, "right-click", "right click", "open the context menu of")
	case 2:
		verb, request = action.Hover, pick(g.rng, "hover over", "point at", "move the mouse over")
	}
	e := &episode{task: g.ask(request + " " + name)}
	g.presses(e, s, on(verb, s, index(s, aim)))
	after := screen.Screen{Title: g.window(), Elements: g.clutter(g.rng.IntN(10))}
	if g.chance(0.4) {
		after = s
	}
	e.end(after, finished)
	return e
}

// ask dresses a request as people do.
func (g *Generator) ask(request string) string {
	switch g.rng.IntN(6) {
	case 0:
		return title(request) + "."
	case 1:
		return "please " + request
	case 2:
		return pick(g.rng, "can you ", "could you ", "I want you to ", "now ") + request
	case 3:
		return title(request)
	default:
		return request
	}
}
