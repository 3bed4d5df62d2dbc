package layout_test

import (
	"context"
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// seen is what is found and read on a picture, an element a line.
func seen(t *testing.T, c sim.Canvas, windows ...observer.Window) []string {
	t.Helper()
	d := sim.NewDesktop(c.RGBA, windows...)
	_, s, err := observer.NewEyes(d, d, layout.New(), sim.Reader{}).Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, target := range s.Targets() {
		lines = append(lines, target.String())
	}
	return lines
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("elements differ (- want, + got):\n%s", diff)
	}
}

func window(title string, content image.Rectangle, focused bool) observer.Window {
	frame := content
	frame.Min = frame.Min.Sub(image.Pt(1, 20))
	frame.Max = frame.Max.Add(image.Pt(1, 5))
	return observer.Window{Title: title, Role: observer.RoleNormal, Frame: frame, Content: content, Focused: focused}
}

// caret draws a text caret.
func caret(c sim.Canvas, x, y int) { c.Fill(image.Rect(x, y-2, x+1, y+16), sim.Ink) }

func TestForm(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(500, 300, sim.Pane)
	c.Text(20, 27, "User name:", sim.Ink)
	c.Field(image.Rect(120, 20, 320, 50), "anna")
	c.Text(20, 67, "Password:", sim.Ink)
	c.Field(image.Rect(120, 60, 320, 90))
	c.Check(20, 110, "Stay logged in")
	c.Button(image.Rect(20, 150, 110, 184), "Cancel")
	c.Button(image.Rect(120, 150, 210, 184), "Log in")
	check(t, seen(t, c),
		`text "User name:"`, `field "anna"`, `text "Password:"`, `field ""`,
		`check "Stay logged in"`, `button "Cancel"`, `button "Log in"`)
}

func TestEditor(t *testing.T) {
	t.Parallel()
	draw := func() sim.Canvas {
		c := sim.NewCanvas(400, 300, sim.Pane)
		for i, word := range []string{"File", "Edit", "View", "Help"} {
			c.Text(10+i*(4*sim.CellWidth+16), 8, word, sim.Ink)
		}
		c.Fill(image.Rect(1, 30, 399, 299), sim.Paper)
		return c
	}
	bar := []string{`menu "File"`, `menu "Edit"`, `menu "View"`, `menu "Help"`}
	for name, test := range map[string]struct {
		draw func(sim.Canvas)
		want string
	}{
		"empty":          {func(sim.Canvas) {}, `field ""`},
		"only the caret": {func(c sim.Canvas) { caret(c, 4, 40) }, `field ""`},
		"a line and the caret": {func(c sim.Canvas) {
			c.Text(4, 40, "hello world", sim.Ink)
			caret(c, 4+11*sim.CellWidth, 40)
		}, `field "hello world"`},
		"the caret within": {func(c sim.Canvas) {
			c.Text(4, 40, "hello world", sim.Ink)
			caret(c, 4+5*sim.CellWidth, 40)
		}, `field "hello world"`},
		"bars are no carets": {func(c sim.Canvas) { c.Text(4, 40, "a|b|c", sim.Ink) }, `field "a|b|c"`},
		"lines": {func(c sim.Canvas) {
			for i, l := range strings.Split("first_line\nLast one, (2.)\n\nafter a gap\naway\ngypsy\nlast", "\n") {
				c.Text(4, 40+18*i, l, sim.Ink)
			}
		}, `field "first_line\nLast one, (2.)\n\nafter a gap\naway\ngypsy\nlast"`},
		"two lines with one between": {func(c sim.Canvas) {
			c.Text(4, 40, "above", sim.Ink)
			c.Text(4, 40+2*15, "below", sim.Ink)
		}, `field "above\n\nbelow"`},
		"selected text": {func(c sim.Canvas) {
			c.Text(4, 40, "first", sim.Ink)
			c.Fill(image.Rect(3, 56, 4+6*sim.CellWidth, 74), sim.Mark)
			c.Text(4, 58, "second", sim.Paper)
		}, `field "first\nsecond"`},
		"wide gaps": {func(c sim.Canvas) {
			c.Text(4, 40, "left", sim.Ink)
			c.Text(4+28*sim.CellWidth, 40, "right", sim.Ink)
		}, `field "left right"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := draw()
			test.draw(c)
			content := c.Rect
			check(t, seen(t, c, observer.Window{Role: observer.RoleNormal, Frame: content, Content: content, Focused: true}),
				append(slices.Clip(bar), test.want)...)
		})
	}
}

func TestKeypad(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(300, 240, sim.Pane)
	c.Box(image.Rect(10, 10, 250, 60), sim.Paper, sim.Edge)
	c.Text(244-3*sim.CellWidth, 30, "-17", sim.Ink)
	key := func(column, row, rows int, caption string) {
		c.Button(image.Rect(10+60*column, 70+40*row, 64+60*column, 104+40*(row+rows-1)), caption)
	}
	for i, caption := range strings.Split("7 8 9 4 5 6 1 2 3", " ") {
		key(i%3, i/3, 1, caption)
	}
	key(3, 0, 1, "AC")
	key(3, 1, 2, "=")
	check(t, seen(t, c),
		`field "-17"`, `button "7"`, `button "8"`, `button "9"`, `button "AC"`,
		`button "4"`, `button "5"`, `button "6"`, `button "="`, `button "1"`, `button "2"`, `button "3"`)
}

func TestWindows(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(800, 400, sim.Tint(0))
	below, above := image.Rect(20, 40, 420, 300), image.Rect(300, 120, 700, 360)
	c.Fill(window("", below, false).Frame, sim.Edge)
	c.Text(30, 22, "title of below", sim.Ink)
	c.Fill(below, sim.Pane)
	c.Text(40, 60, "seen below", sim.Ink)
	c.Text(40, 200, strings.Repeat("runs under ", 6), sim.Ink)
	c.Fill(window("", above, false).Frame, sim.Edge)
	c.Text(310, 102, "title of above", sim.Ink)
	c.Fill(above, sim.Pane)
	c.Text(340, 200, "seen above", sim.Ink)

	windows := []observer.Window{window("above", above, false), window("below", below, true)}
	check(t, seen(t, c, windows...), `text "seen below"`, `text "seen above"`)
	windows[0].Focused, windows[1].Focused = true, false
	check(t, seen(t, c, windows...), `text "seen above"`, `text "seen below"`)
}

func TestMenu(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(400, 300, sim.Pane)
	box := image.Rect(10, 30, 200, 130)
	c.Box(box, sim.Paper, sim.Edge)
	c.Fill(image.Rect(11, 60, 199, 85), sim.Mark)
	c.Text(30, 40, "New", sim.Ink)
	c.Text(140, 40, "Ctrl+N", sim.Ink)
	c.Text(30, 65, "Open...", sim.Paper)
	c.Text(140, 65, "Ctrl+O", sim.Paper)
	c.Text(30, 100, "Quit", sim.Ink)
	windows := []observer.Window{
		{Role: observer.RoleMenu, Frame: box, Content: box},
		{Title: "Editor", Role: observer.RoleNormal, Frame: c.Rect, Content: c.Rect, Focused: true},
	}
	check(t, seen(t, c, windows...),
		`menu "New"`, `text "Ctrl+N"`, `menu "Open..."`, `text "Ctrl+O"`, `menu "Quit"`)
}

func TestColumns(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(500, 200, sim.Pane)
	for i, l := range []string{"one", "two", "three"} {
		c.Text(20, 20+25*i, l, sim.Ink)
	}
	for i, l := range []string{"red", "green", "blue", "white"} {
		c.Text(300, 28+19*i, l, sim.Ink)
	}
	check(t, seen(t, c),
		`text "one"`, `text "two"`, `text "three"`, `text "red"`, `text "green"`, `text "blue"`, `text "white"`)
}

func TestColours(t *testing.T) {
	t.Parallel()
	for name, tint := range map[string]struct{ ground, ink sim.Tint }{
		"dark theme": {0x242424, 0xeeeeee},
		"faint":      {0xf6f5f4, 0xb0b0b0},
		"coloured":   {0xb5254f, 0xffffff},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sim.NewCanvas(300, 100, tint.ground)
			c.Text(20, 30, "plain to see", tint.ink)
			check(t, seen(t, c), `text "plain to see"`)
		})
	}
}

func TestDropDown(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(300, 100, sim.Pane)
	r := image.Rect(20, 20, 140, 54)
	c.Button(r, "Down  ")
	for i := range 5 { // an arrow of 10x5 pixels
		c.Fill(image.Rect(120+i, 35+i, 130-i, 36+i), sim.Ink)
	}
	check(t, seen(t, c), `button "Down"`)
}

func TestPictureOfNothing(t *testing.T) {
	t.Parallel()
	check(t, seen(t, sim.NewCanvas(640, 480, sim.Tint(0))))
	check(t, seen(t, sim.NewCanvas(1, 1, sim.Pane)))
}

// TestAnything looks at pictures that no toolkit draws: whatever is found lies
// within them, and it does not take long.
func TestAnything(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for name, paint := range map[string]func(x, y int) sim.Tint{
		"noise":   func(int, int) sim.Tint { return sim.Tint(random.Uint32() & 0xffffff) },
		"stripes": func(x, _ int) sim.Tint { return sim.Tint(x % 3 * 0x555555) },
		"dots": func(x, y int) sim.Tint {
			if x%5 < 2 && y%7 < 2 {
				return sim.Ink
			}
			return sim.Pane
		},
		"rings": func(x, y int) sim.Tint {
			return sim.Tint(((x-320)*(x-320)+(y-200)*(y-200))/900%2) * 0xffffff
		},
		"tiles": func(x, y int) sim.Tint { return sim.Tint((x/9*7+y/9*13)%16) * 0x0f0f0f },
	} {
		c := sim.NewCanvas(640, 400, sim.Pane)
		for y := range 400 {
			for x := range 640 {
				c.Set(x, y, paint(x, y))
			}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			regions, err := layout.New().Find(ctx, c.RGBA, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range regions {
				if !r.Box.In(c.Rect) || r.Box.Empty() {
					t.Fatalf("%s at %v is not within %v", r.Kind, r.Box, c.Rect)
				}
				for _, l := range r.Lines {
					if !l.Box.In(c.Rect) || l.Box.Empty() || l.Picture == nil {
						t.Fatalf("a line of %s is at %v", r.Kind, l.Box)
					}
				}
			}
			if ctx.Err() != nil {
				t.Error("it took too long")
			}
		})
	}
}

func TestGivenUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := layout.New().Find(ctx, sim.NewCanvas(10, 10, sim.Pane).RGBA, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want %v", err, context.Canceled)
	}
}

// A letter that is one straight stroke, as an l at twice the usual size, is not
// taken for a rule: its edges are smoothed.
func TestStems(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(200, 80, sim.Paper)
	for x := 20; x < 60; x += 10 {
		c.Fill(image.Rect(x, 20, x+3, 44), sim.Tint(0x9a9a9a))
		c.Fill(image.Rect(x+1, 20, x+2, 44), sim.Ink)
	}
	c.Fill(image.Rect(18, 50, 64, 51), sim.Ink) // a rule
	regions, err := layout.New().Find(t.Context(), c.RGBA, nil)
	if err != nil || len(regions) != 1 || len(regions[0].Lines) != 1 {
		t.Fatalf("found %+v, %v; want one line", regions, err)
	}
	if l := regions[0].Lines[0]; len(l.Glyphs) != 4 || l.Box.Min.Y != 20 || l.Box.Max.Y != 44 {
		t.Errorf("found %d glyphs in %v, want four letters and no rule", len(l.Glyphs), l.Box)
	}
}
