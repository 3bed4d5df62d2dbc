package observer_test

import (
	"image"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// A field says what goes into it when there is one text that clearly does.
func TestCaption(t *testing.T) {
	t.Parallel()
	field := func(c sim.Canvas, x, y int, text ...string) { c.Field(image.Rect(x, y, x+160, y+26), text...) }
	for name, test := range map[string]struct {
		draw func(sim.Canvas)
		want []string
	}{
		"at the left": {func(c sim.Canvas) {
			c.Text(20, 27, "Name:", sim.Ink)
			field(c, 70, 20, "anna")
		}, []string{"Name:"}},
		"at the left of a column": {func(c sim.Canvas) {
			c.Text(20, 27, "Name", sim.Ink)
			field(c, 110, 20)
			c.Text(20, 67, "Password", sim.Ink)
			field(c, 110, 60)
		}, []string{"Name", "Password"}},
		"above": {func(c sim.Canvas) {
			c.Text(20, 20, "Town", sim.Ink)
			field(c, 20, 38)
			c.Text(20, 76, "Street", sim.Ink)
			field(c, 20, 94)
		}, []string{"Town", "Street"}},
		"a heading above is none where there is one at the left": {func(c sim.Canvas) {
			c.Text(70, 4, "Who", sim.Ink)
			c.Text(20, 27, "Name", sim.Ink)
			field(c, 70, 20)
		}, []string{"Name"}},
		"one for each of two in a row": {func(c sim.Canvas) {
			c.Text(10, 87, "From", sim.Ink)
			c.Field(image.Rect(50, 80, 130, 106))
			c.Text(140, 87, "to", sim.Ink)
			c.Field(image.Rect(170, 80, 250, 106))
		}, []string{"From", "to"}},
		"a text that is far away is none": {func(c sim.Canvas) {
			c.Text(20, 20, "Page", sim.Ink)
			field(c, 200, 100)
		}, []string{""}},
		"nor is one behind a button": {func(c sim.Canvas) {
			c.Text(10, 27, "Name", sim.Ink)
			c.Button(image.Rect(45, 20, 105, 46), "Open")
			field(c, 110, 20)
		}, []string{""}},
		"nor a sentence": {func(c sim.Canvas) {
			c.Text(10, 20, "This is what we would like you to read before you write.", sim.Ink)
			c.Text(10, 36, "It goes on for one line more, and only then there is a field.", sim.Ink)
			field(c, 10, 54)
		}, []string{""}},
		"nor what is written in it": {func(c sim.Canvas) { field(c, 20, 20, "Search here") }, []string{""}},
		"nor one of two that are both likely": {func(c sim.Canvas) {
			c.Text(110, 20, "Above", sim.Ink)
			c.Text(20, 45, "Left", sim.Ink)
			field(c, 110, 38)
		}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sim.NewCanvas(480, 160, sim.Pane)
			test.draw(c)
			d := sim.NewDesktop(c.RGBA)
			_, s, err := observer.NewEyes(d, d, layout.New(), sim.Reader{}).Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range s.Elements {
				if e.Kind == "field" {
					got = append(got, e.Caption)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("captions differ (- want, + got):\n%s\n%v", diff, s.Targets())
			}
		})
	}
}
