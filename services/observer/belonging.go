package observer

import (
	"strings"
	"unicode"

	"github.com/grokputer/grokputer/contracts/screen"
)

const (
	// iconNear is how far an icon is from what it is directly beside at most, in heights
	// of a line: about two letters.
	iconNear = 1.2
	// iconTall is how many lines an icon is high at most: more is a picture beside text.
	iconTall = 4
)

// belongings gives each icon without words the text it belongs to: the one directly at
// its right, such as the name in a tree, or the first one of its row, such as the
// sender in a list of messages. Elements are in reading order, which keeps a row together,
// so that only neighbours are looked at.
func belongings(elements []screen.Element) {
	for i, e := range elements {
		if !wordless(e) {
			continue
		}
		name := branchName(elements, i)
		if name < 0 {
			name = rowName(elements, i)
		}
		if name >= 0 {
			elements[i].Caption = elements[name].Text
		}
	}
}

// wordless reports whether an element can be told from others only by where it is.
func wordless(e screen.Element) bool {
	switch e.Kind {
	case screen.Icon:
		return strings.IndexFunc(e.Text, unicode.IsLetter) < 0
	case screen.Image, screen.Button:
		return e.Text == ""
	default:
		return false
	}
}

// branchName is the text directly at the right of an icon, or of the one icon between
// them when the first begins its row, as the sign of a branch does; -1 for none.
func branchName(elements []screen.Element, icon int) int {
	next := icon + 1
	begins := icon == 0 || !beside(elements[icon-1], elements[icon])
	if begins && next < len(elements) && wordless(elements[next]) && beside(elements[icon], elements[next]) {
		next++
	}
	if next < len(elements) && names(elements[next], elements[icon]) && beside(elements[next-1], elements[next]) {
		return next
	}
	return -1
}

// rowName is the first text of an element's row; -1 for none.
func rowName(elements []screen.Element, of int) int {
	first := of
	for first > 0 && overlap(elements[first-1].Box, elements[of].Box) > 0 {
		first--
	}
	for i := first; i < len(elements) && overlap(elements[i].Box, elements[of].Box) > 0; i++ {
		if inRow(elements[i].Box, elements[of].Box) && names(elements[i], elements[of]) {
			return i
		}
	}
	return -1
}

// names reports whether an element in the row of another can say what that is for.
func names(e, other screen.Element) bool {
	switch e.Kind {
	case screen.Text, screen.Link, screen.Check, screen.Radio:
		return nameLike(e.Text) && float64(other.Box.H) <= iconTall*high(e)
	default:
		return false
	}
}

// beside reports whether b is directly at the right of a.
func beside(a, b screen.Element) bool {
	gap := b.Box.X - end(a.Box)
	return inRow(a.Box, b.Box) && 2*gap >= -min(a.Box.W, b.Box.W) && float64(gap) <= iconNear*min(high(a), high(b))
}

// inRow reports whether a quarter of the lower one of two boxes is at the height of the
// other.
func inRow(a, b screen.Box) bool { return 4*overlap(a, b) >= min(a.H, b.H) }

// overlap is how many pixels of their heights two boxes share.
func overlap(a, b screen.Box) int { return min(a.Y+a.H, b.Y+b.H) - max(a.Y, b.Y) }
