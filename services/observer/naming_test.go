package observer_test

import (
	"context"
	"fmt"
	"image"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// What is drawn gives a name to what says nothing itself, and to nothing else; an icon
// with a name still says what its row is about.
func TestNamed(t *testing.T) {
	t.Parallel()
	written := func(x, y int, text string) observer.Line {
		c := sim.NewCanvas(100, 30, sim.Paper)
		c.Text(8, 8, text, sim.Ink)
		return observer.Line{Box: image.Rect(x, y, x+10, y+10), Picture: c.Gray()}
	}
	row := []observer.Region{
		{Kind: screen.Text, Box: image.Rect(10, 10, 60, 26), Lines: []observer.Line{written(10, 10, "Anna")}},
		{Kind: screen.Icon, Box: image.Rect(200, 8, 220, 28)},
		{Kind: screen.Icon, Box: image.Rect(230, 8, 250, 28), Symbol: "+"},
		{Kind: screen.Button, Box: image.Rect(10, 100, 34, 124)},
		{Kind: screen.Button, Box: image.Rect(50, 100, 74, 124), Lines: []observer.Line{written(58, 108, "")}},
		{Kind: screen.Button, Box: image.Rect(90, 100, 114, 124), Lines: []observer.Line{written(98, 108, "A")}},
		{Kind: screen.Button, Box: image.Rect(130, 100, 214, 124)},
		{Kind: screen.Field, Box: image.Rect(10, 140, 110, 164)},
		{Kind: screen.Icon, Box: image.Rect(10, 180, 210, 300)},
	}
	var asked []image.Rectangle
	namer := func(_ *image.RGBA, box image.Rectangle) (string, image.Rectangle, float64) {
		asked = append(asked, box)
		return "delete", box, 0.75
	}
	d := sim.NewDesktop(sim.NewCanvas(300, 300, sim.Pane).RGBA)
	_, s, err := observer.NewEyes(d, d, observer.Named(sim.Finder{Regions: row}, namer), sim.Reader{}).Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, target := range s.Targets() {
		got = append(got, target.String()+s.Elements[i].State())
	}
	want := []string{
		`text "Anna"`, `icon "delete" for "Anna"`, `icon "+" for "Anna"`, `button "delete" #1`, `button "delete" #2`, `button "A"`,
		`button ""`, `field ""`, `icon ""`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("elements differ (- want, + got):\n%s", diff)
	}
	boxes := []image.Rectangle{
		image.Rect(200, 8, 220, 28), image.Rect(13, 103, 31, 121), image.Rect(58, 108, 68, 118), image.Rect(98, 108, 108, 118),
	}
	if diff := cmp.Diff(boxes, asked); diff != "" {
		t.Errorf("asked about other boxes (- want, + got):\n%s", diff)
	}
	if e := s.Elements[1]; e.Confidence != 0.75 || !e.Pictured || s.Elements[0].Pictured {
		t.Errorf("the icon is %+v, want it sure by 0.75 and pictured, and the text not", e)
	}
}

// What was taken for a button and a radio button, and is one picture, is one icon; what
// may be a letter stays one, unless the picture is certain and the reading is not.
func TestNamedPieces(t *testing.T) {
	t.Parallel()
	regions := []observer.Region{
		{Kind: screen.Text, Box: image.Rect(12, 12, 14, 14)},
		{Kind: screen.Button, Box: image.Rect(10, 10, 20, 20)},
		{Kind: screen.Radio, Box: image.Rect(12, 20, 18, 26)},
		{Kind: screen.Radio, Box: image.Rect(112, 20, 118, 26)},
		{Kind: screen.Icon, Box: image.Rect(50, 10, 80, 40)},
		{Kind: screen.Button, Box: image.Rect(55, 15, 75, 35)},
		{Kind: screen.Icon, Box: image.Rect(200, 10, 210, 20), Symbol: "+"},
	}
	whole := image.Rect(8, 8, 28, 28)
	sure := 0.9
	namer := func(_ *image.RGBA, box image.Rectangle) (string, image.Rectangle, float64) {
		switch {
		case box.In(whole):
			return "search", whole, sure
		case box == regions[3].Box:
			return "check", box, sure
		default:
			return "", box, 0
		}
	}
	find := func() (found []string) {
		picture := sim.NewCanvas(300, 300, sim.Pane).RGBA
		got, err := observer.Named(sim.Finder{Regions: regions}, namer).Find(t.Context(), picture, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got {
			found = append(found, fmt.Sprint(r.Kind, " ", r.Name+r.Symbol, r.Box.Min))
		}
		return found
	}
	want := []string{"text (12,12)", "icon search(8,8)", "radio (112,20)", "icon (50,10)", "icon +(200,10)"}
	if diff := cmp.Diff(want, find()); diff != "" {
		t.Errorf("regions differ (- want, + got):\n%s", diff)
	}
	sure = 0.75
	want = []string{"text (12,12)", "button (10,10)", "radio (12,20)", "radio (112,20)", "icon (50,10)", "icon +(200,10)"}
	if diff := cmp.Diff(want, find()); diff != "" {
		t.Errorf("regions that are not certain differ (- want, + got):\n%s", diff)
	}
}

func TestNamedRatherThanRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		read             string
		kind             screen.Kind
		sure, confidence float64
		want             string
	}{
		"a mark":                       {"@", screen.Button, 0.9, 1, "home"},
		"a mark, not certain":          {"@", screen.Button, 0.7, 1, "@"},
		"a sign":                       {"+", screen.Button, 0.9, 1, "+"},
		"a letter that was read well":  {"X", screen.Button, 0.9, 1, "X"},
		"a letter that was read badly": {"X", screen.Button, 0.9, 0.3, "home"},
		"a word":                       {"Go!", screen.Button, 0.9, 0.3, "Go!"},
		"nothing":                      {"", screen.Button, 0.7, 1, "home"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := observer.Line{Box: image.Rect(14, 14, 24, 24), Picture: image.NewGray(image.Rect(0, 0, 10, 10))}
			regions := []observer.Region{{Kind: test.kind, Box: image.Rect(10, 10, 30, 30), Lines: []observer.Line{line}}}
			namer := func(_ *image.RGBA, box image.Rectangle) (string, image.Rectangle, float64) {
				return "home", box, test.sure
			}
			d := sim.NewDesktop(sim.NewCanvas(60, 60, sim.Pane).RGBA)
			_, s, err := observer.NewEyes(d, d, observer.Named(sim.Finder{Regions: regions}, namer), says{test.read, test.confidence}).Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Elements[0].Text; got != test.want {
				t.Errorf("it is called %q, want %q", got, test.want)
			}
		})
	}
}

// says reads the same from every line.
type says struct {
	text string
	sure float64
}

func (s says) Read(context.Context, *image.Gray) ([]observer.Word, error) {
	return []observer.Word{{Text: s.text, Confidence: s.sure}}, nil
}
