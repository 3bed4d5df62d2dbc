package layout_test

import (
	"image"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/services/observer/sim"
)

// What is drawn around a control, or stands beside its text, is told from text, and
// so are controls in colours that a toolkit would not use.
func TestSigns(t *testing.T) {
	t.Parallel()
	const dark, accent = sim.Tint(0x1d2126), sim.Tint(0x2e7d4f)
	for name, test := range map[string]struct {
		ground sim.Tint
		draw   func(sim.Canvas)
		want   []string
	}{
		"white tabs with two lines": {sim.Paper, func(c sim.Canvas) {
			c.Fill(image.Rect(10, 10, 290, 60), sim.Tint(0xdde3ea))
			for i, number := range []string{"1", "2"} {
				c.Box(image.Rect(16+70*i, 16, 80+70*i, 60), sim.Paper, sim.Edge)
				c.Text(27+70*i, 22, "Chapter"[:6], sim.Ink)
				c.Text(44+70*i, 38, number, sim.Ink)
			}
		}, []string{`tab "Chapte 1"`, `tab "Chapte 2"`}},
		"a light field in the dark": {dark, func(c sim.Canvas) {
			c.Text(20, 12, "Name", sim.Paper)
			c.Box(image.Rect(20, 30, 160, 56), sim.Tint(0xf3f4f6), sim.Edge)
		}, []string{`text "Name"`, `field ""`}},
		"a grey field in the dark": {dark, func(c sim.Canvas) {
			c.Box(image.Rect(20, 30, 160, 56), sim.Tint(0x2c3138), sim.Tint(0x777777))
			c.Text(26, 36, "Anna", sim.Paper)
		}, []string{`field "Anna"`}},
		"a button in the dark": {dark, func(c sim.Canvas) {
			c.Box(image.Rect(20, 30, 90, 56), sim.Tint(0x2c3138), sim.Tint(0x777777))
			c.Text(41, 36, "Save", sim.Paper)
		}, []string{`button "Save"`}},
		"a button as wide as what it is on": {sim.Pane, func(c sim.Canvas) {
			c.Box(image.Rect(20, 10, 200, 90), sim.Paper, sim.Edge)
			c.Fill(image.Rect(30, 40, 190, 70), accent)
			c.Text(85, 48, "Go on now", sim.Paper)
		}, []string{`button "Go on now"`}},
		"what a dialog says": {sim.Pane, func(c sim.Canvas) {
			c.Fill(image.Rect(20, 10, 200, 30), sim.Tint(0x444444))
			c.Text(75, 13, "Attention", sim.Paper)
			c.Fill(image.Rect(20, 30, 200, 62), sim.Paper)
			c.Text(28, 40, "Are you sure", sim.Ink)
			c.Fill(image.Rect(20, 62, 200, 63), sim.Edge)
			c.Fill(image.Rect(20, 63, 200, 100), sim.Paper)
			c.Button(image.Rect(140, 70, 190, 94), "Yes")
		}, []string{`text "Attention"`, `text "Are you sure"`, `button "Yes"`}},
		"a button under another": {sim.Paper, func(c sim.Canvas) {
			c.Button(image.Rect(20, 10, 90, 60), "One")
			c.Button(image.Rect(70, 42, 140, 92), "Two")
		}, []string{`button "One"`, `button "Two"`}},
		"icons after words": {sim.Paper, func(c sim.Canvas) {
			c.Text(20, 20, "Some words", sim.Ink)
			for i := range 2 {
				x := 100 + 26*i
				c.Fill(image.Rect(x, 15, x+16, 17), sim.Ink)
				c.Fill(image.Rect(x+7, 17, x+9, 31), sim.Ink)
			}
		}, []string{`text "Some words"`, `icon "" #1`, `icon "" #2`}},
		"a wedge before a name": {sim.Paper, func(c sim.Canvas) {
			for k := range 5 {
				c.Fill(image.Rect(20+k, 22+k, 21+k, 31-k), sim.Ink)
			}
			c.Text(32, 20, "Folder", sim.Ink)
		}, []string{`icon "▶"`, `text "Folder"`}},
		"a sheet before a name": {sim.Pane, func(c sim.Canvas) {
			c.Box(image.Rect(20, 16, 34, 36), sim.Paper, sim.Tint(0x666666))
			c.Fill(image.Rect(23, 22, 31, 23), sim.Ink)
			c.Fill(image.Rect(23, 27, 31, 28), sim.Ink)
			c.Text(44, 20, "notes.txt", sim.Ink)
		}, []string{`icon ""`, `text "notes.txt"`}},
		"a caret two pixels wide": {sim.Pane, func(c sim.Canvas) {
			c.Box(image.Rect(20, 20, 160, 54), sim.Paper, sim.Tint(0x888888))
			c.Text(26, 31, "cake", sim.Ink)
			c.Fill(image.Rect(56, 26, 58, 48), sim.Ink)
		}, []string{`field "cake"`}},
		"a cell whose text is as long as it is wide": {sim.Paper, func(c sim.Canvas) {
			c.Fill(image.Rect(18, 18, 224, 92), sim.Tint(0xbbbbbb))
			for i, word := range []string{"a long entry", "brief", "third"} {
				c.Fill(image.Rect(20, 20+24*i, 120, 42+24*i), sim.Tint(0xdcdcdc))
				c.Fill(image.Rect(122, 20+24*i, 222, 42+24*i), sim.Tint(0xdcdcdc))
				c.Text(26, 24+24*i, word, sim.Ink)
			}
		}, []string{`text "a long entry"`, `text "brief"`, `text "third"`}},
		"a link that ends below its line": {sim.Paper, func(c sim.Canvas) {
			c.Text(20, 20, "saturday", sim.Ink)
			c.Fill(image.Rect(20, 32, 20+7*sim.CellWidth, 33), sim.Ink)
		}, []string{`link "saturday"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sim.NewCanvas(300, 120, test.ground)
			test.draw(c)
			check(t, seen(t, c), test.want...)
		})
	}
}

// A ring beside a letter as high as it is one, too.
func TestRound(t *testing.T) {
	t.Parallel()
	c := sim.NewCanvas(200, 80, sim.Paper)
	circle(c, 20, 20, 13, 1)
	c.Fill(image.Rect(38, 20, 40, 33), sim.Tint(0x767676))
	if got := seen(t, c); slices.ContainsFunc(got, func(s string) bool { return s[:5] == "radio" }) {
		t.Errorf("a letter was seen as %q", got)
	}
}
