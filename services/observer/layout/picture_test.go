package layout_test

import (
	"image"
	"math"
	"testing"

	"github.com/grokputer/grokputer/services/observer/sim"
)

// A photograph is one element; a gradient is none, nor is a page of small text.
func TestPictures(t *testing.T) {
	t.Parallel()
	photo := func(x, y int) sim.Tint {
		r := 128 + 100*math.Sin(float64(x)/5+float64(y)/9)
		g := 128 + 90*math.Cos(float64(y)/7-float64(x)/11)
		return sim.Tint(r)<<16 | sim.Tint(g)<<8 | sim.Tint((x*7+y*13)%97)
	}
	for name, test := range map[string]struct {
		size  image.Point
		paint func(x, y int) sim.Tint
		want  []string
	}{
		"a photograph":         {image.Pt(160, 96), photo, []string{`text "Before"`, `image ""`, `text "After it"`}},
		"as small as an icon":  {image.Pt(32, 32), photo, nil},
		"a gradient to a side": {image.Pt(160, 96), func(x, _ int) sim.Tint { return sim.Tint(x) * 0x010101 }, nil},
		"a softened gradient": {image.Pt(160, 96), func(x, y int) sim.Tint {
			return sim.Tint(60+x/2+(x*7+y*3)%2) * 0x010101
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sim.NewCanvas(320, 240, sim.Paper)
			c.Text(20, 20, "Before", sim.Ink)
			c.Text(20, 200, "After it", sim.Ink)
			for y := range test.size.Y {
				for x := range test.size.X {
					c.Set(40+x, 60+y, test.paint(x, y))
				}
			}
			got := seen(t, c)
			images := 0
			for _, e := range got {
				if e == `image ""` {
					images++
				}
			}
			if test.want != nil {
				check(t, got, test.want...)
			} else if images > 0 {
				t.Errorf("saw %q", got)
			}
		})
	}
}
