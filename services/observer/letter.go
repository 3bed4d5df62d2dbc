package observer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// capital is how high a glyph that stands alone must be to be a capital, in
// heights of usual lines.
const capital = 0.87

// widest is how wide a letter is at most, in its height: a W is 1.36. Two that touch
// are wider.
const widest = 1.45

// oneLetter corrects what readers make of a single letter: without others to
// compare its size with they give both cases, as "Cc". Usual is the height of
// the lines around, in pixels.
func oneLetter(text string, l Line, usual int) string {
	r, size := utf8.DecodeRuneInString(text)
	if len(l.Glyphs) != 1 || len(text) == size || usual == 0 || float64(l.Box.Dx()) > widest*float64(l.Box.Dy()) ||
		!strings.EqualFold(text, strings.Repeat(string(r), utf8.RuneCountInString(text))) {
		return text
	}
	if float64(l.Box.Dy()) >= capital*float64(usual) {
		return strings.ToUpper(string(r))
	}
	return strings.ToLower(string(r))
}

// usualHeight is the median height of the lines with several glyphs, in
// pixels; 0 when there are none.
func usualHeight(regions []Region) int {
	var heights []int
	for _, r := range regions {
		for _, l := range r.Lines {
			if len(l.Glyphs) > 2 {
				heights = append(heights, l.Box.Dy())
			}
		}
	}
	if len(heights) == 0 {
		return 0
	}
	slices.Sort(heights)
	return heights[len(heights)/2]
}
