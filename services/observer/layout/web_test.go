package layout_test

import (
	"image"
	"math"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/sim"
)

const blue = sim.Tint(0x0000ee) // a link's, in browsers

// underlined writes a text with a line below it.
func underlined(c sim.Canvas, x int, text string, ink sim.Tint) {
	const y = 20
	c.Text(x, y, text, ink)
	c.Fill(image.Rect(x, y+12, x+sim.CellWidth*len(text), y+13), ink)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		draw func(sim.Canvas)
		want []string
	}{
		"within a sentence": {func(c sim.Canvas) {
			c.Text(20, 20, "read the ", sim.Ink)
			underlined(c, 20+9*sim.CellWidth, "manual", blue)
			c.Text(20+15*sim.CellWidth, 20, " first", sim.Ink)
		}, []string{`text "read the"`, `link "manual"`, `text "first"`}},
		"two beside each other": {func(c sim.Canvas) {
			underlined(c, 20, "one", blue)
			underlined(c, 20+4*sim.CellWidth, "two", blue)
		}, []string{`link "one"`, `link "two"`}},
		"of two words":       {func(c sim.Canvas) { underlined(c, 20, "our terms", sim.Ink) }, []string{`link "our terms"`}},
		"without underlines": {func(c sim.Canvas) { c.Text(20, 20, "Sign up", blue) }, []string{`link "Sign up"`}},
		"a separator is none": {func(c sim.Canvas) {
			c.Text(60, 20, "Title", sim.Ink)
			c.Fill(image.Rect(20, 32, 280, 33), sim.Ink)
		}, []string{`text "Title"`}},
		"nor the edge of what is below": {func(c sim.Canvas) {
			c.Text(20, 20, "Name", sim.Ink)
			c.Box(image.Rect(18, 33, 54, 60), sim.Paper, sim.Ink)
		}, []string{`text "Name"`, `field ""`}},
		"nor is red text": {func(c sim.Canvas) { c.Text(20, 20, "Wrong password", sim.Tint(0xcc0000)) }, []string{`text "Wrong password"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sim.NewCanvas(300, 100, sim.Paper)
			test.draw(c)
			check(t, seen(t, c), test.want...)
		})
	}
}

// A white page that begins in the window's corner is no field, whatever is behind it.
func TestSheet(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(400, 300, sim.Tint(0x555555))
	c.Fill(image.Rect(0, 0, 320, 240), sim.Paper)
	c.Text(10, 60, "Some words on a page", sim.Ink)
	c.Text(10, 80, "and below it others", sim.Ink)
	check(t, seen(t, c), `text "Some words on a page"`, `text "and below it others"`)
}

func TestTable(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(300, 200, sim.Pane)
	for row, words := range [][]string{{"Name", "Anna"}, {"Town", "Bonn"}} {
		for column, word := range words {
			r := image.Rect(20+100*column, 60+26*row, 121+100*column, 87+26*row)
			c.Box(r, sim.Paper, sim.Edge)
			c.Text(r.Min.X+6, r.Min.Y+7, word, sim.Ink)
		}
	}
	c.Field(image.Rect(20, 140, 220, 167), "Anna") // one that stands alone
	check(t, seen(t, c), `text "Name"`, `text "Anna"`, `text "Town"`, `text "Bonn"`, `field "Anna"`)
}

func TestTabs(t *testing.T) {
	t.Parallel()
	bar := func(bottom int) sim.Canvas {
		c := sim.NewCanvas(400, 300, sim.Paper)
		c.Fill(image.Rect(10, 10, 390, bottom), sim.Tint(0xdddddd))
		c.Button(image.Rect(20, 20, 90, 50), "First")
		c.Button(image.Rect(94, 20, 164, 50), "Other")
		return c
	}
	check(t, seen(t, bar(50)), `tab "First"`, `tab "Other"`)
	check(t, seen(t, bar(60)), `button "First"`, `button "Other"`) // a tool bar
}

// circle draws a ring as wide and as thick, with softened edges.
func circle(c sim.Canvas, x, y, wide int, thick float64) {
	r := float64(wide) / 2
	for dy := range wide {
		for dx := range wide {
			d := math.Hypot(float64(dx)+0.5-r, float64(dy)+0.5-r)
			cover := math.Min(1, math.Max(0, r-d)) * math.Min(1, math.Max(0, d-(r-thick)+1))
			if cover > 0 {
				shade := sim.Tint(255 - 137*cover)
				c.Fill(image.Rect(x+dx, y+dy, x+dx+1, y+dy+1), shade*0x010101)
			}
		}
	}
}

// A radio button is a thin circle, also on what has its own colour; a letter is a
// thick one.
func TestRadio(t *testing.T) {
	t.Parallel()
	draw := func(wide int, thick float64) sim.Canvas {
		c := sim.NewCanvas(200, 80, sim.Paper)
		circle(c, 20, 20, wide, thick)
		c.Text(20+wide+10, 20+(wide-sim.CellHeight)/2, "Yes", sim.Ink)
		return c
	}
	check(t, seen(t, draw(13, 1)), `radio "Yes"`)
	check(t, seen(t, draw(26, 2)), `radio "Yes"`)
	if got := seen(t, draw(26, 4)); slices.Contains(got, `radio "Yes"`) {
		t.Errorf("a thick circle was seen as %q", got)
	}
}

func TestIcons(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(300, 120, sim.Paper)
	for i := range 12 { // two triangles
		c.Fill(image.Rect(32-i, 20+2*i, 33+i, 22+2*i), sim.Ink)
		c.Fill(image.Rect(72-i, 20+2*i, 73+i, 22+2*i), sim.Ink)
	}
	c.Text(20, 70, "Words of a usual size", sim.Ink)
	check(t, seen(t, c), `icon "" #1`, `icon "" #2`, `text "Words of a usual size"`)
}

// The dotted line of a tree joins no rows.
func TestDottedLine(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(200, 140, sim.Paper)
	for y := 10; y < 110; y += 4 {
		c.Fill(image.Rect(20, y, 21, y+1), sim.Tint(0x808080))
	}
	for i, name := range []string{"Anna", "Bert", "Cleo"} {
		c.Text(28, 20+30*i, name, sim.Ink)
	}
	check(t, seen(t, c), `text "Anna"`, `text "Bert"`, `text "Cleo"`)
}

// The space after a point is as wide as another, though the last letter is farther away.
func TestPoints(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(300, 60, sim.Paper)
	c.Text(20, 20, "Done,. Next", sim.Ink)
	check(t, seen(t, c), `text "Done,. Next"`)
}

// A check with a mark and nothing that it stands for is a button with a symbol.
func TestSymbol(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(300, 80, sim.Pane)
	c.Box(image.Rect(200, 20, 220, 40), sim.Paper, sim.Edge)
	c.Text(207, 23, "x", sim.Ink)
	c.Check(20, 20, "Bold")
	check(t, seen(t, c, observer.Window{Role: observer.RoleNormal, Frame: c.Rect, Content: c.Rect, Focused: true}),
		`check "Bold"`, `button "x"`)
}

// The handle in the corner of a large field is no text of it.
func TestGrip(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(300, 120, sim.Paper)
	c.Text(20, 8, "Notes", sim.Ink)
	r := image.Rect(20, 30, 180, 90)
	c.Box(r, sim.Paper, sim.Tint(0x767676))
	c.Text(24, 34, "Some text", sim.Ink)
	for i := range 7 {
		c.Fill(image.Rect(r.Max.X-3-i, r.Max.Y-10+i, r.Max.X-2-i, r.Max.Y-9+i), sim.Ink)
	}
	check(t, seen(t, c), `text "Notes"`, `field "Some text"`)
}
