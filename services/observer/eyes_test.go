package observer_test

import (
	"context"
	"errors"
	"image"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// counting counts what is really read.
type counting struct {
	observer.Reader

	reads atomic.Int32
}

func (c *counting) Read(ctx context.Context, line *image.Gray) ([]observer.Word, error) {
	c.reads.Add(1)
	words, err := c.Reader.Read(ctx, line)
	if err != nil {
		return nil, err
	}
	return words, nil
}

// dialog is a small screen with a text, a field and a button.
func dialog(content string) sim.Canvas {
	c := sim.NewCanvas(400, 200, sim.Pane)
	c.Text(20, 27, "Name:", sim.Ink)
	c.Field(image.Rect(80, 20, 300, 50), content)
	c.Button(image.Rect(80, 80, 160, 114), "Save")
	return c
}

func whole(c sim.Canvas) observer.Window {
	return observer.Window{Title: "Dialog", Role: observer.RoleNormal, Frame: c.Rect, Content: c.Rect, Focused: true}
}

func TestLook(t *testing.T) {
	t.Parallel()
	c := dialog("a.txt")
	d := sim.NewDesktop(c.RGBA, whole(c))
	capture, got, err := observer.NewEyes(d, d, layout.New(), sim.Reader{}).Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := screen.Screen{Title: "Dialog", Elements: []screen.Element{
		{Kind: screen.Text, Text: "Name:", Box: screen.Box{X: 20, Y: 29, W: 33, H: 10}, Confidence: 1},
		{Kind: screen.Field, Text: "a.txt", Box: screen.Box{X: 80, Y: 20, W: 220, H: 30}, Confidence: 1, Caption: "Name:"},
		{Kind: screen.Button, Text: "Save", Box: screen.Box{X: 80, Y: 80, W: 80, H: 34}, Confidence: 1},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("screen differs (- want, + got):\n%s", diff)
	}
	if capture.Image != c.RGBA {
		t.Error("the capture is not the picture that was read")
	}
}

func TestLookReadsOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	c := dialog("one")
	d := sim.NewDesktop(c.RGBA, whole(c))
	reader := &counting{Reader: sim.Reader{}}
	eyes := observer.NewEyes(d, d, layout.New(), reader)
	for _, step := range []struct {
		content string
		reads   int32
	}{{"one", 3}, {"one", 3}, {"two", 4}, {"one", 4}} {
		c := dialog(step.content)
		d.Show(c.RGBA, whole(c))
		_, s, err := eyes.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Find(screen.Target{Kind: screen.Field, Text: step.content}); err != nil {
			t.Error(err)
		}
		if got := reader.reads.Load(); got != step.reads {
			t.Errorf("%d lines read in all after %q, want %d", got, step.content, step.reads)
		}
	}
}

func TestLookFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	c := dialog("one")
	for name, eyes := range map[string]func() *observer.Eyes{
		"no screen": func() *observer.Eyes {
			d := sim.NewDesktop(c.RGBA)
			d.Fail(broken)
			return observer.NewEyes(d, d, layout.New(), sim.Reader{})
		},
		"no reader": func() *observer.Eyes {
			d := sim.NewDesktop(c.RGBA)
			return observer.NewEyes(d, d, layout.New(), failing{broken})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := eyes().Look(t.Context()); !errors.Is(err, broken) {
				t.Errorf("got %v, want %v", err, broken)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read(context.Context, *image.Gray) ([]observer.Word, error) {
	return nil, f.err
}

func TestElements(t *testing.T) {
	t.Parallel()
	line := func(text string, blank int) observer.Line {
		c := sim.NewCanvas(200, 30, sim.Paper)
		c.Text(8, 8, text, sim.Ink)
		return observer.Line{Box: c.Rect, Picture: c.Gray(), Blank: blank}
	}
	for name, test := range map[string]struct {
		region observer.Region
		want   []string
	}{
		"a field keeps its lines":    {observer.Region{Kind: screen.Field, Lines: []observer.Line{line("a", 0), line("b", 0), line("c", 2)}}, []string{`field "a\nb\n\n\nc"`}},
		"a caption is one line":      {observer.Region{Kind: screen.Button, Lines: []observer.Line{line("Log", 0), line("in", 0)}}, []string{`button "Log in"`}},
		"a button without a caption": {observer.Region{Kind: screen.Button}, []string{`button ""`}},
		"ink without letters":        {observer.Region{Kind: screen.Text, Lines: []observer.Line{line("", 0)}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sim.NewDesktop(sim.NewCanvas(10, 10, sim.Pane).RGBA)
			eyes := observer.NewEyes(d, d, sim.Finder{Regions: []observer.Region{test.region}}, sim.Reader{})
			_, s, err := eyes.Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, target := range s.Targets() {
				got = append(got, target.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("elements differ (- want, + got):\n%s", diff)
			}
		})
	}
}

func TestAnnotate(t *testing.T) {
	t.Parallel()
	c := dialog("one")
	before := append([]uint8(nil), c.Pix...)
	box := screen.Box{X: 80, Y: 80, W: 80, H: 34}
	out := observer.Annotate(c, screen.Screen{Elements: []screen.Element{
		{Kind: screen.Button, Box: box},
		{Kind: screen.Text, Box: screen.Box{X: 390, Y: 190, W: 50, H: 50}}, // over the edge
	}})
	if cmp.Equal(before, out.Pix) || !cmp.Equal(before, c.Pix) {
		t.Error("want boxes on a copy, and the picture left as it was")
	}
	if out.At(79, 90) == c.At(79, 90) || out.At(81, 90) != c.At(81, 90) {
		t.Error("want the box around the element, not over it")
	}
	if out.At(82, 70) == c.At(82, 70) {
		t.Error("want the kind's name above the box")
	}
}
