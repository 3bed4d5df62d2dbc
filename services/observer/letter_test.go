package observer

import (
	"image"
	"testing"
)

func TestOneLetter(t *testing.T) {
	t.Parallel()
	glyph := func(height, n int) Line {
		return Line{Box: image.Rect(0, 0, 8, height), Glyphs: make([]image.Rectangle, n)}
	}
	touching := glyph(8, 1)
	touching.Box.Max.X = 13
	for _, test := range []struct {
		text  string
		line  Line
		usual int
		want  string
	}{
		{"Cc", glyph(10, 1), 11, "C"},
		{"cC", glyph(8, 1), 11, "c"},
		{"WwW", glyph(8, 1), 11, "w"},
		{"C", glyph(8, 1), 11, "C"},    // nothing to correct
		{"Cc", glyph(10, 2), 11, "Cc"}, // two letters
		{"AC", glyph(10, 1), 11, "AC"}, // touching letters
		{"Cc", glyph(10, 1), 0, "Cc"},  // nothing to compare with
		{"ZZ", touching, 11, "ZZ"},
		{"", glyph(10, 1), 11, ""},
	} {
		if got := oneLetter(test.text, test.line, test.usual); got != test.want {
			t.Errorf("%q, %d high of %d: got %q, want %q", test.text, test.line.Box.Dy(), test.usual, got, test.want)
		}
	}
}
