package observer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts/screen"
)

// What a caption is, in heights of its line.
const (
	// captionLeft is how far it is from a field at its right at most, and
	// captionNear from where one above the field as well leaves it unclear.
	captionLeft, captionNear = 8, 3
	// captionAbove is how far it is above a field, and captionAside how far their
	// left edges are from each other, at most.
	captionAbove, captionAside = 1.2, 1.5
	// captionMost is how many runes one has: longer texts are sentences.
	captionMost = 60
)

// captions gives each field the text that says what goes into it: the one beside
// it on the left, or the one right above it. Where neither is clear there is none.
func captions(elements []screen.Element) {
	beside := make(map[int]bool) // texts that are captions already
	for _, f := range fields(elements) {
		if t := textBeside(elements, f); t >= 0 {
			beside[t] = true
		}
	}
	for _, f := range fields(elements) {
		left, above := textBeside(elements, f), textAbove(elements, f, beside)
		box := elements[f].Box
		switch {
		case left >= 0 && (above < 0 || float64(box.X-end(elements[left].Box)) <= captionNear*high(elements[left])):
			elements[f].Caption = elements[left].Text
		case left < 0 && above >= 0:
			elements[f].Caption = elements[above].Text
		}
	}
}

func fields(elements []screen.Element) []int {
	var found []int
	for i, e := range elements {
		if e.Kind == screen.Field {
			found = append(found, i)
		}
	}
	return found
}

// textBeside is the text at the left of an element in its first line, with nothing
// in between; -1 for none.
func textBeside(elements []screen.Element, of int) int {
	f := elements[of].Box
	nearest := -1
	for i, e := range elements {
		middle := e.Box.Y + e.Box.H/2
		first := min(f.H, 3*e.Box.H)
		if i == of || e.Kind == screen.Text && (middle < f.Y || middle > f.Y+first) || e.Box.X >= f.X ||
			e.Box.Y >= f.Y+f.H || e.Box.Y+e.Box.H <= f.Y || end(e.Box) > f.X+e.Box.H/2 {
			continue
		}
		if nearest < 0 || end(e.Box) > end(elements[nearest].Box) {
			nearest = i
		}
	}
	if nearest < 0 || !captionLike(elements[nearest]) ||
		float64(f.X-end(elements[nearest].Box)) > captionLeft*high(elements[nearest]) {
		return -1
	}
	return nearest
}

// textAbove is the text right above an element that begins where it does, but for
// those that belong to others; -1 for none.
func textAbove(elements []screen.Element, of int, others map[int]bool) int {
	f := elements[of].Box
	for i, e := range elements {
		gap := f.Y - e.Box.Y - e.Box.H
		aside := max(e.Box.X-f.X, f.X-e.Box.X)
		if captionLike(e) && !others[i] && gap >= -2 && float64(gap) <= captionAbove*high(e) && float64(aside) <= captionAside*high(e) && !goesOn(elements, i) {
			return i
		}
	}
	return -1
}

// goesOn reports whether a text is followed by another in its line.
func goesOn(elements []screen.Element, text int) bool {
	const near = 2 // heights
	t := elements[text]
	return slices.ContainsFunc(elements, func(e screen.Element) bool {
		gap, middle := e.Box.X-end(t.Box), e.Box.Y+e.Box.H/2
		return (e.Kind == screen.Text || e.Kind == screen.Link) && gap >= 0 && float64(gap) <= near*high(t) &&
			middle >= t.Box.Y && middle <= t.Box.Y+t.Box.H
	})
}

// captionLike reports whether an element is a short text with a letter.
func captionLike(e screen.Element) bool {
	return e.Kind == screen.Text && nameLike(e.Text)
}

// nameLike reports whether a text is short and has a letter.
func nameLike(text string) bool {
	return strings.IndexFunc(text, unicode.IsLetter) >= 0 && utf8.RuneCountInString(text) <= captionMost
}

func end(b screen.Box) int { return b.X + b.W }

// high is the height of a line of text, in pixels.
func high(e screen.Element) float64 { return float64(max(e.Box.H, 8)) }
