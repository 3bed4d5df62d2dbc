package starter

import (
	"slices"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// interrupt puts a question in the way that has nothing to do with the task: it
// is turned down before the task goes on.
func (g *Generator) interrupt(e *episode) {
	no := el(screen.Button, pick(g.rng, "No", "No", "Cancel", "Not now", "Close", "Skip", "Later", "Dismiss", "No thanks", "Ignore"))
	if g.chance(0.3) {
		no.Text += pick(g.rng, " s", " x", " é", " @", " X") // a drawn sign, read as a letter
	}
	yes := el(screen.Button, pick(g.rng, "Yes", "OK", "Restore", "Update", "Allow", "Continue", "Open", "Save", g.caption()))
	s := screen.Screen{Title: pick(g.rng, "Question", "Warning", title(g.word()), g.window(), "")}
	for range 1 + g.rng.IntN(3) {
		s.Elements = append(s.Elements, el(screen.Text, pick(g.rng,
			"Do you want to "+g.phrase(2, 4)+"?",
			title(g.phrase(4, 8))+".",
			"The "+g.phrase(2, 4)+" was not closed properly. Do you want to restore it?",
			"A new version of "+title(g.word())+" is available.",
			"It seems that the previous "+g.phrase(1, 3)+" did not end normally.",
		)))
	}
	buttons := []screen.Element{no, yes}
	if g.chance(0.4) {
		slices.Reverse(buttons)
	}
	s.Elements = append(s.Elements, buttons...)
	e.step(s, on(action.Click, s, index(s, no)), "")
}
