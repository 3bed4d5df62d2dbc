package layout_test

import (
	"image"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/services/observer/sim"
)

// A scroll bar is one element, however it is drawn; what looks a little like one is
// none.
func TestScrollBar(t *testing.T) {
	t.Parallel()
	const bar, slider = sim.Tint(0xcecece), sim.Tint(0x7e8182)
	list := []string{`text "First"`, `text "Second"`}
	for name, test := range map[string]struct {
		draw func(b brush)
		want []string
	}{
		"with a slider": {func(b brush) {
			b.box(180, 20, 15, 150, bar)
			b.box(183, 22, 9, 60, slider)
		}, append(list, `scrollbar ""`)},
		"with a slider in the middle": {func(b brush) {
			b.box(180, 20, 15, 150, bar)
			b.box(183, 70, 9, 40, slider)
		}, append(list, `scrollbar ""`)},
		"as white as the page, with arrows": {func(b brush) {
			triangle(b.Canvas, 183*b.scale, 25*b.scale, 10*b.scale, true)
			b.box(184, 40, 8, 60, slider)
			triangle(b.Canvas, 183*b.scale, 160*b.scale, 10*b.scale, false)
		}, append(list, `scrollbar ""`)},
		"below": {func(b brush) {
			b.box(20, 170, 160, 15, bar)
			b.box(40, 173, 60, 9, slider)
		}, append(list, `scrollbar ""`)},
		"a bar without a slider": {func(b brush) { b.box(180, 20, 15, 150, bar) }, list},
		"how far something is": {func(b brush) {
			b.box(20, 170, 160, 15, bar)
			b.box(20, 170, 60, 15, slider)
		}, list},
	} {
		for scale := 1; scale <= 2; scale++ {
			t.Run(name+", scale "+strconv.Itoa(scale), func(t *testing.T) {
				t.Parallel()
				b := brush{sim.NewCanvas(260*scale, 220*scale, sim.Pane), scale}
				b.box(20, 20, 160, 150, sim.Paper)
				b.Text(30*scale, 40*scale, "First", sim.Ink)
				b.Text(30*scale, 70*scale, "Second", sim.Ink)
				b.Fill(image.Rect(29*scale, 120*scale, 60*scale, 121*scale), sim.Edge)
				test.draw(b)
				got := seen(t, b.Canvas)
				if len(got) > 0 && strings.HasPrefix(got[0], "field") { // where the rule leaves it as a field
					got = append(slices.Clone(list), got[1:]...)
				}
				check(t, got, test.want...)
			})
		}
	}
}
