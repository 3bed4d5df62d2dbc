package layout

import (
	"image"
	"testing"

	"github.com/grokputer/grokputer/services/observer/sim"
)

// A letter is one though it touches the ring around its field.
func TestTouching(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		letter image.Rectangle
		lines  int
	}{
		"none":         {image.Rectangle{}, 0},
		"at the left":  {image.Rect(26, 30, 33, 42), 1},
		"not touching": {image.Rect(29, 30, 36, 42), 1},
		"at the top":   {image.Rect(26, 26, 30, 30), 0}, // the ring is round there
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sim.NewCanvas(300, 120, sim.Pane)
			c.Fill(image.Rect(22, 22, 158, 52), sim.Ink)
			c.Fill(image.Rect(26, 26, 154, 48), sim.Paper)
			c.Fill(test.letter, sim.Ink)
			p := newPage(c.RGBA, nil)
			for _, stage := range p.stages() {
				stage()
			}
			if len(p.lines) != test.lines {
				t.Errorf("%d lines were found, want %d", len(p.lines), test.lines)
			}
		})
	}
}
