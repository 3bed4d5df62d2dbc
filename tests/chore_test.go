package tests

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
)

// chore is a task whose effect two programs keep: what stands in the editor, and
// which buttons of the calculator were clicked.
type chore struct {
	text   string
	digits string // each once
}

// draw makes a chore with a text of so many characters.
func draw(rng *rand.Rand, length int) chore {
	var c chore
	letters := []rune("aaabcdeeefghiijkllmmnooprrssttuuvwy  äöü ÉZQ,.;:!?(){}@#€")
	text := make([]rune, length)
	for i := range text {
		text[i] = letters[rng.IntN(len(letters))]
	}
	text[0], text[length-1] = 'A', 'Z'
	c.text = string(text)
	for _, d := range "123456789" {
		// Not many: the planner is told of the last dozen steps only.
		if len(c.digits) < 5 && rng.IntN(2) == 0 || d == '9' && c.digits == "" {
			c.digits += string(d)
		}
	}
	return c
}

// String is the task in words that work reads.
func (c chore) String() string {
	return "write " + screen.Quote(c.text) + " and click " + c.digits
}

// work is a script that does chores. It goes by what was done and by what the
// screen shows, as it has to after a crash.
func work(s seen) string {
	rest, isChore := strings.CutPrefix(s.task, "write ")
	text, rest, err := screen.Unquote(rest)
	digits, ok := strings.CutPrefix(rest, " and click ")
	if !isChore || err != nil || !ok {
		return `fail "this is no chore"`
	}
	if typing := "type " + screen.Quote(text); !s.did(typing) {
		if !s.opened("text editor", editor) {
			return `open "text editor"`
		}
		return typing
	}
	if !s.opened("calculator", calculator) && !s.did("click") {
		return `open "calculator"`
	}
	for _, d := range digits {
		button := fmt.Sprintf("button %q", string(d))
		if s.did("click " + button) {
			continue
		}
		i := slices.IndexFunc(s.elements, func(line string) bool { return strings.HasPrefix(line, button) })
		if i < 0 {
			return "wait 1" // it is not drawn yet
		}
		return "click " + s.elements[i]
	}
	return "done"
}

// did reports whether an action that begins so was done.
func (s seen) did(action string) bool {
	return slices.ContainsFunc(s.done, func(line string) bool { return strings.HasPrefix(line, action) })
}

// opened reports whether an application was opened. Where a crash leaves that in
// doubt, its window tells.
func (s seen) opened(name, window string) bool {
	open := "open " + screen.Quote(name)
	return slices.Contains(s.done, open) || s.did(open) && strings.Contains(strings.ToLower(s.title), window)
}
