package layout

import (
	"image"
	"testing"

	"github.com/grokputer/grokputer/services/observer/sim"
)

// What is left of a control's edge is no line of text; a letter beside it is.
func TestRims(t *testing.T) {
	t.Parallel()
	control := image.Rect(20, 20, 160, 54)
	for name, test := range map[string]struct {
		piece image.Rectangle
		lines int
	}{
		"a corner outside":      {image.Rect(14, 14, 20, 17), 0},
		"a side of a ring":      {image.Rect(12, 24, 15, 50), 0},
		"what pokes out":        {image.Rect(155, 17, 164, 57), 0},
		"a letter before it":    {image.Rect(10, 30, 13, 44), 1},
		"a letter in its field": {image.Rect(26, 30, 28, 44), 1},
		"a word in its corner":  {image.Rect(21, 21, 31, 33), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sim.NewCanvas(300, 120, sim.Pane)
			c.Fill(control, sim.Paper)
			for y := test.piece.Min.Y; y < test.piece.Max.Y; y++ { // no two pixels alike: neither a surface nor a rule
				for x := test.piece.Min.X; x < test.piece.Max.X; x++ {
					c.Set(x, y, sim.Tint(0x20+(37*x+53*y)%0x40)*0x010101)
				}
			}
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
