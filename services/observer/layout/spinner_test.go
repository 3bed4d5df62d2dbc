package layout_test

import (
	"image"
	"testing"

	"github.com/grokputer/grokputer/services/observer/sim"
)

// triangle draws an arrow as wide as so many pixels, with its point up or down.
func triangle(c sim.Canvas, x, y, wide int, up bool) {
	high := wide / 2
	for i := range high {
		row := y + i
		if up {
			row = y + high - 1 - i
		}
		c.Fill(image.Rect(x+i, row, x+wide-i, row+1), sim.Ink)
	}
}

// The two arrows at the end of a number are two buttons, the upper one first.
func TestSpinner(t *testing.T) {
	t.Parallel()
	for name, scale := range map[string]int{"scale 1": 1, "scale 2": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sim.NewCanvas(400, 160, sim.Pane)
			field := image.Rect(20, 20, 20+130*scale, 20+22*scale)
			c.Box(field, sim.Paper, sim.Edge)
			c.Text(30, 30, "17", sim.Ink)
			side := image.Rect(field.Max.X-1, field.Min.Y, field.Max.X+17*scale, field.Max.Y)
			c.Box(side, sim.Tint(0xededed), sim.Edge)
			x := side.Min.X + 5*scale
			triangle(c, x, side.Min.Y+4*scale, 8*scale, true)
			triangle(c, x, side.Min.Y+14*scale, 8*scale, false)
			check(t, seen(t, c), `field "17"`, `button "▲"`, `button "▼"`)
		})
	}
}

// So are the signs that GTK has there, though they are as light as the field.
func TestStepper(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(300, 120, sim.Pane)
	c.Field(image.Rect(20, 20, 121, 50), "17")
	less, more := image.Rect(120, 20, 151, 50), image.Rect(150, 20, 181, 50)
	c.Box(less, sim.Paper, sim.Edge)
	c.Box(more, sim.Paper, sim.Edge)
	c.Fill(image.Rect(129, 34, 142, 36), sim.Ink)
	c.Fill(image.Rect(159, 34, 172, 36), sim.Ink)
	c.Fill(image.Rect(164, 29, 166, 41), sim.Ink)
	c.Text(20, 80, "How many", sim.Ink)
	check(t, seen(t, c), `field "17"`, `button "-"`, `button "+"`, `text "How many"`)
}
