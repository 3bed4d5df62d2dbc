package perfect

import (
	"regexp"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/spelling"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

// scrollsMost is how often a list is turned on for a mail that is not seen.
const scrollsMost = 3

// deleteMail clicks the last symbol in the row of the sender. Where the row's
// symbols are beyond the edge it opens the mail and clicks the one in its bar, and
// where the sender is, it turns the list on.
func deleteMail(v view) (action.Action, error) {
	words, err := v.words(regexp.MustCompile(`Find the email by (.*) and click the trash icon`))
	if err != nil {
		return action.Action{}, err
	}
	var last, turns = action.Action{}, 0
	for _, d := range v.Done {
		if last, err = action.Parse(d.Action); err != nil {
			return action.Action{}, err
		}
		if last.Verb == action.Scroll {
			turns++
		}
	}
	if last.Verb == action.Click && last.Target.Kind == screen.Text {
		return v.click(v.barSymbol(), "the trash icon of the open mail")
	}
	sender := v.where(words[0], screen.Text)
	if sender >= 0 && spelling.Distance(plain(v.Screen.Elements[sender].Text), words[0]) <= 1 {
		if trash := v.rowSymbol(sender); trash >= 0 {
			return v.click(trash, "the trash icon")
		}
		return v.click(sender, "the mail")
	}
	switch list := v.first(screen.Text); {
	case turns == scrollsMost || list < 0:
		return v.click(-1, screen.Quote(words[0]))
	case last.Verb == "": // the wheel turns where the pointer is
		return action.Action{Verb: action.Hover, Target: v.targets[list]}, nil
	default:
		return action.Action{Verb: action.Scroll, Down: true, N: 1}, nil
	}
}

// first is the first element of a kind; -1 for none.
func (v view) first(kind screen.Kind) int {
	for i, e := range v.Screen.Elements {
		if e.Kind == kind {
			return i
		}
	}
	return -1
}

// rowSymbol is the rightmost symbol beside an element or the line after it; -1
// for none.
func (v view) rowSymbol(i int) int {
	from := v.Screen.Elements[i].Box
	return v.rightmost(func(b screen.Box) bool { return b.X > from.X+from.W && b.Y >= from.Y && b.Y <= from.Y+4*from.H })
}

// barSymbol is the rightmost symbol in the row of the topmost one; -1 for none.
func (v view) barSymbol() int {
	top := -1
	for i, e := range v.Screen.Elements {
		if symbol(e) && (top < 0 || e.Box.Y < v.Screen.Elements[top].Box.Y) {
			top = i
		}
	}
	return v.rightmost(func(b screen.Box) bool { return sameRow(v.Screen.Elements[top].Box, b) })
}

// rightmost is the rightmost symbol at a place that is right; -1 for none.
func (v view) rightmost(right func(screen.Box) bool) int {
	best := -1
	for i, e := range v.Screen.Elements {
		if symbol(e) && right(e.Box) && (best < 0 || e.Box.X > v.Screen.Elements[best].Box.X) {
			best = i
		}
	}
	return best
}

// symbol reports whether an element is a picture that can be clicked.
func symbol(e screen.Element) bool { return e.Kind == screen.Icon || e.Kind == screen.Image }
