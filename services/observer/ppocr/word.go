package ppocr

import (
	"image"
	"strings"
	"unicode"

	"github.com/grokputer/grokputer/services/observer"
)

// words parts what was read at its spaces. A word's box is that of the ink
// between the spaces beside it.
func words(read []character, line *image.Gray, p prepared) []observer.Word {
	var found []observer.Word
	left := p.ink.Min.X
	for len(read) > 0 {
		n := 0
		for n < len(read) && !blank(read[n]) {
			n++
		}
		word, rest := read[:n], read[n:]
		for len(rest) > 0 && blank(rest[0]) {
			rest = rest[1:]
		}
		right := p.ink.Max.X
		if n > 0 && len(rest) > 0 {
			right = gap(line, p.x(word[n-1].step), p.x(rest[0].step))
		}
		if n > 0 {
			found = append(found, join(word, line, image.Rect(left, p.ink.Min.Y, right, p.ink.Max.Y)))
			left = right
		}
		read = rest
	}
	return found
}

func blank(c character) bool { return strings.TrimFunc(c.text, unicode.IsSpace) == "" }

// join makes a word of its characters. Its confidence is their mean.
func join(read []character, line *image.Gray, within image.Rectangle) observer.Word {
	var w observer.Word
	var text strings.Builder
	for _, c := range read {
		text.WriteString(c.text)
		w.Confidence += c.probability / float64(len(read))
	}
	w.Text, w.Confidence = text.String(), min(1, w.Confidence)
	w.Box = inkBounds(sub(line, within))
	if w.Box.Empty() { // the places of the steps are not that exact
		w.Box = within
	}
	return w
}

// sub is the part of a picture within r.
func sub(g *image.Gray, r image.Rectangle) *image.Gray {
	part, ok := g.SubImage(r).(*image.Gray)
	if !ok { // it is what SubImage of a Gray returns
		return g
	}
	return part
}

// gap is the middle of the widest run of columns without ink from one place to
// another, which are in the letters beside a space; the middle between them
// when each column has ink.
func gap(line *image.Gray, from, to int) int {
	middle, widest, run := (from+to)/2, 0, 0
	for x := from; x <= to; x++ {
		if !inkBounds(sub(line, image.Rect(x, line.Rect.Min.Y, x+1, line.Rect.Max.Y))).Empty() {
			run = 0
			continue
		}
		if run++; run > widest {
			widest, middle = run, x-run/2
		}
	}
	return middle
}
