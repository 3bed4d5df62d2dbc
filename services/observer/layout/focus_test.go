package layout_test

import (
	"image"
	"strconv"
	"testing"

	"github.com/grokputer/grokputer/services/observer/sim"
)

// ring draws a line around a box, without its corners when it is round.
func (b brush) ring(r image.Rectangle, with sim.Tint, round bool) {
	k := b.scale
	o := r.Inset(-k)
	for _, side := range []image.Rectangle{
		image.Rect(o.Min.X+k, o.Min.Y, o.Max.X-k, r.Min.Y+k), image.Rect(o.Min.X+k, r.Max.Y-k, o.Max.X-k, o.Max.Y),
		image.Rect(o.Min.X, o.Min.Y+k, r.Min.X+k, o.Max.Y-k), image.Rect(r.Max.X-k, o.Min.Y+k, o.Max.X, o.Max.Y-k),
	} {
		b.Fill(side, with)
	}
	if !round {
		for _, at := range []image.Point{o.Min, {o.Max.X - k, o.Min.Y}, {o.Min.X, o.Max.Y - k}, {o.Max.X - k, o.Max.Y - k}} {
			b.Fill(image.Rectangle{at, at.Add(image.Pt(k, k))}, with)
		}
	}
}

// The one element with a ring around it has the focus, whether a caret is drawn at
// the moment or not.
func TestFocused(t *testing.T) {
	t.Parallel()
	const dark, accent = sim.Tint(0x101010), sim.Tint(0x3584e4)
	for name, test := range map[string]struct {
		draw func(b brush, name, town, save image.Rectangle)
		want []string
	}{
		"nothing": {func(brush, image.Rectangle, image.Rectangle, image.Rectangle) {},
			[]string{`field "Anna"`, `field "Bonn"`, `button "Save"`}},
		"a dark ring": {func(b brush, name, _, _ image.Rectangle) { b.ring(name, dark, true) },
			[]string{`field "Anna" focused`, `field "Bonn"`, `button "Save"`}},
		"a blue one": {func(b brush, _, town, _ image.Rectangle) { b.ring(town, accent, true) },
			[]string{`field "Anna"`, `field "Bonn" focused`, `button "Save"`}},
		"around a button": {func(b brush, _, _, save image.Rectangle) { b.ring(save, dark, true) },
			[]string{`field "Anna"`, `field "Bonn"`, `button "Save" focused`}},
		"and a caret": {func(b brush, name, _, _ image.Rectangle) {
			b.ring(name, dark, true)
			b.Fill(image.Rect(name.Min.X+6+4*sim.CellWidth, name.Min.Y+4, name.Min.X+7+4*sim.CellWidth, name.Min.Y+20), sim.Ink)
		}, []string{`field "Anna" focused`, `field "Bonn"`, `button "Save"`}},
		"only a caret": {func(b brush, name, _, _ image.Rectangle) {
			b.Fill(image.Rect(name.Min.X+6+4*sim.CellWidth, name.Min.Y+4, name.Min.X+7+4*sim.CellWidth, name.Min.Y+20), sim.Ink)
		}, []string{`field "Anna"`, `field "Bonn"`, `button "Save"`}},
		"all alike": {func(b brush, name, town, _ image.Rectangle) {
			b.ring(name, accent, true)
			b.ring(town, accent, true)
		}, []string{`field "Anna"`, `field "Bonn"`, `button "Save"`}},
		"a black frame": {func(b brush, name, _, _ image.Rectangle) { b.ring(name, dark, false) },
			[]string{`field "Anna"`, `field "Bonn"`, `button "Save"`}},
		"red for a mistake": {func(b brush, name, _, _ image.Rectangle) { b.ring(name, sim.Tint(0xc01c28), true) },
			[]string{`field "Anna"`, `field "Bonn"`, `button "Save"`}},
	} {
		for scale := 1; scale <= 2; scale++ {
			t.Run(name+", scale "+strconv.Itoa(scale), func(t *testing.T) {
				t.Parallel()
				b := brush{sim.NewCanvas(300*scale, 200*scale, sim.Pane), scale}
				name := image.Rect(20*scale, 20*scale, 180*scale, 44*scale)
				town := image.Rect(20*scale, 70*scale, 180*scale, 94*scale)
				save := image.Rect(20*scale, 120*scale, 90*scale, 146*scale)
				b.Field(name, "Anna")
				b.Field(town, "Bonn")
				b.Button(save, "Save")
				test.draw(b, name, town, save)
				check(t, states(t, b.Canvas), test.want...)
			})
		}
	}
}

// A ring takes some of a field's height; it is a field all the same.
func TestLowField(t *testing.T) {
	t.Parallel()
	b := brush{sim.NewCanvas(240, 80, sim.Pane), 1}
	r := image.Rect(20, 20, 180, 36)
	b.Box(r, sim.Paper, sim.Edge)
	b.Fill(image.Rect(26, 27, 34, 29), sim.Ink)
	b.ring(r, sim.Tint(0x101010), true)
	b.Text(20, 50, "How many", sim.Ink)
	if got := states(t, b.Canvas); len(got) != 2 || got[0][:5] != "field" {
		t.Errorf("saw %q, want a field first", got)
	}
}
