package observer

import (
	"image"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/screen"
)

// An icon without words says what it belongs to where its row has a text.
func TestBelongings(t *testing.T) {
	t.Parallel()
	at := func(k screen.Kind, text string, x, y, w, h int) screen.Element {
		return screen.Element{Kind: k, Text: text, Box: screen.Box{X: x, Y: y, W: w, H: h}}
	}
	message := func(y int, sender, subject string) []screen.Element {
		return []screen.Element{
			at(screen.Text, sender, 14, y, 60, 20), at(screen.Text, subject, 14, y+26, 90, 18),
			at(screen.Icon, "", 206, y+10, 24, 24), at(screen.Icon, "", 236, y+10, 20, 24),
			at(screen.Text, "More of it", 14, y+52, 90, 18),
		}
	}
	icon := func(x, y int) screen.Element { return at(screen.Icon, "", x, y, 24, 24) }
	for name, test := range map[string]struct {
		elements []screen.Element
		want     []string // of all that is wordless
	}{
		"messages of some lines": {
			append(message(0, "Lidia", "Tortor."), message(84, "Danice", "Odio id.")...),
			[]string{"Lidia", "Lidia", "Danice", "Danice"},
		},
		"a tree": {[]screen.Element{
			icon(38, 3), at(screen.Text, "Riley", 68, 4, 50, 20),
			at(screen.Icon, "+", 10, 38, 18, 18), icon(38, 35), at(screen.Text, "Truman", 68, 36, 74, 16),
			at(screen.Icon, "+", 10, 70, 18, 18), icon(38, 67), at(screen.Link, "Beaulah", 68, 68, 74, 16),
		}, []string{"Riley", "Truman", "Truman", "Beaulah", "Beaulah"}},
		"a toolbar":           {[]screen.Element{icon(4, 4), icon(34, 4), icon(64, 4), at(screen.Text, "Page", 4, 40, 50, 16)}, []string{"", "", ""}},
		"one before a button": {[]screen.Element{icon(4, 4), icon(34, 4), icon(64, 4), at(screen.Button, "Zoom", 94, 4, 50, 24)}, []string{"", "", ""}},
		"a list of tasks": {[]screen.Element{
			at(screen.Check, "Buy milk", 10, 10, 16, 16), at(screen.Button, "", 300, 6, 24, 24),
			at(screen.Check, "Wash up", 10, 40, 16, 16), at(screen.Button, "", 300, 36, 24, 24),
		}, []string{"Buy milk", "Wash up"}},
		"the first column": {[]screen.Element{
			at(screen.Text, "a.txt", 10, 10, 50, 16), at(screen.Text, "Text file", 200, 10, 70, 16), icon(400, 6),
		}, []string{"a.txt"}},
		"beside rather than first": {[]screen.Element{
			at(screen.Text, "From", 10, 10, 50, 16), icon(200, 6), at(screen.Text, "Anna", 230, 10, 70, 16),
		}, []string{"Anna"}},
		"another column's row is not its own": {[]screen.Element{
			at(screen.Text, "Inbox", 10, 6, 50, 16), at(screen.Text, "Sent", 10, 40, 50, 16), // a sidebar, read first
			at(screen.Text, "Anna", 200, 10, 50, 16), icon(400, 6),
		}, []string{"Anna"}},
		"a picture is in no row": {[]screen.Element{
			at(screen.Text, "A line", 10, 10, 50, 16), at(screen.Image, "", 100, 0, 300, 300),
		}, []string{""}},
		"a number is no name": {[]screen.Element{at(screen.Text, "12:30", 10, 10, 50, 16), icon(100, 6)}, []string{""}},
		"nor is a sentence": {[]screen.Element{
			at(screen.Text, "This is what we would like you to read before you press that button.", 10, 10, 400, 16), icon(420, 6),
		}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			belongings(test.elements)
			var got []string
			for _, e := range test.elements {
				if wordless(e) {
					got = append(got, e.Caption)
				} else if e.Caption != "" {
					t.Errorf("%s %q is for %q", e.Kind, e.Text, e.Caption)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("captions differ (- want, + got):\n%s", diff)
			}
		})
	}
}

// What is hidden of an element is not said by one that it belongs to.
func TestHiddenCaption(t *testing.T) {
	t.Parallel()
	s := screen.Screen{Elements: []screen.Element{
		{Kind: screen.Text, Text: "hunter2", Box: screen.Box{X: 10, Y: 10, W: 50, H: 16}},
		{Kind: screen.Icon, Box: screen.Box{X: 200, Y: 6, W: 24, H: 24}},
		{Kind: screen.Text, Text: "Anna", Box: screen.Box{X: 10, Y: 60, W: 50, H: 16}},
		{Kind: screen.Icon, Box: screen.Box{X: 200, Y: 56, W: 24, H: 24}},
	}}
	belongings(s.Elements)
	new(veil).cover(&Capture{Scale: 1, Image: image.NewRGBA(image.Rect(0, 0, 300, 100))}, &s, []image.Rectangle{image.Rect(10, 10, 60, 26)})
	if got := s.Elements[1].Caption; got != Masked {
		t.Errorf("the icon beside what is hidden is for %q, want %q", got, Masked)
	}
	if got := s.Elements[3].Caption; got != "Anna" {
		t.Errorf("the other icon is for %q, want Anna", got)
	}
}
