package starter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// nth: a word of a text is typed, counted from its first one over the ends of lines.
func (g *Generator) nth() *episode {
	words := strings.Fields(g.phrase(4, 14))
	for i := range words[:len(words)-1] {
		if g.chance(0.15) {
			words[i] += pick(g.rng, ",", ".")
		}
	}
	var lines []screen.Element
	for rest := words; len(rest) > 0; {
		n := min(len(rest), 2+g.rng.IntN(5))
		lines, rest = append(lines, el(screen.Text, strings.Join(rest[:n], " "))), rest[n:]
	}
	n := 1 + g.rng.IntN(min(10, len(words)))
	which := pick(g.rng, ordinals[n-1], strconv.Itoa(n)+suffix(n))
	request := pick(g.rng, "write the "+which+" word of the text into the box", "type the "+which+" word", "copy the "+which+" word of what stands there into the field",
		"the box wants the "+which+" word of the sentence", "put word number "+strconv.Itoa(n)+" into the field", "which is the "+which+" word? type it")
	submit := el(screen.Button, pick(g.rng, "Submit", "OK", "Send", "Done", "Next", g.caption()))
	request += pick(g.rng, " and press ", ", then click ", " and click ", " and send it with ") + g.called(submit)
	word := strings.Trim(words[n-1], ".,")

	e := &episode{task: g.ask(request)}
	seen, heading := g.watch(), g.window()
	page := func(text string, focused bool) screen.Screen {
		return screen.Screen{Title: heading, Elements: append(slices.Clip(lines), g.field(seen, "", text, focused), submit)}
	}
	field := len(lines)
	s := page("", false)
	click := on(action.Click, s, field)
	if g.chance(0.3) {
		e.step(s, click, "")
	} else {
		e.done = append(e.done, prompt.Done{Action: click.String()})
	}
	e.step(page("", true), say(action.Type, word), "")
	if g.chance(0.3) {
		s = page(word, true)
		e.step(s, on(action.Click, s, field+1), "")
	}
	return e
}

var ordinals = []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}

// suffix is what is written behind a number that counts a place.
func suffix(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 13:
		return "th"
	case n%10 >= 1 && n%10 <= 3:
		return []string{"st", "nd", "rd"}[n%10-1]
	default:
		return "th"
	}
}
