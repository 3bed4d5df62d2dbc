package actor

import (
	"errors"
	"image"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
)

func TestForbids(t *testing.T) {
	t.Parallel()
	taskbar, err := ParseRegion("taskbar", "0,760,1280x40")
	if err != nil {
		t.Fatal(err)
	}
	p := Policy{Regions: []Region{taskbar}, Windows: []WindowPattern{"KeePass", "bank*account"}}
	windows := []Window{ // the topmost first
		{Titles: []string{"notes - Mousepad"}, Area: image.Rect(0, 0, 400, 400), Focused: true},
		{Titles: []string{"Open", "Passwords.kdbx - KeePassXC"}, Area: image.Rect(300, 300, 700, 700)},
		{Titles: []string{"My Bank - your Account"}, Area: image.Rect(700, 0, 900, 200)},
		{Titles: []string{"Wait · Grokputer - Chromium"}, Area: image.Rect(900, 0, 1000, 200)},
	}
	click := func(x, y int) Input { return Input{Verb: action.Click, At: Point{x, y}, To: Point{x, y}} }
	drag := func(x, y, toX, toY int) Input {
		return Input{Verb: action.Drag, At: Point{x, y}, To: Point{toX, toY}}
	}
	for name, tt := range map[string]struct {
		in   Input
		want bool
	}{
		"beside all":                          {click(50, 500), false},
		"in the region":                       {click(50, 760), true},
		"above the region":                    {click(50, 759), false},
		"hovering in the region":              {Input{Verb: action.Hover, At: Point{50, 790}}, true},
		"scrolling in the region":             {Input{Verb: action.Scroll, At: Point{50, 790}}, true},
		"a drag that ends in the region":      {drag(50, 500, 60, 770), true},
		"a drag that crosses a window":        {drag(250, 500, 750, 500), true},
		"a drag beside it":                    {drag(250, 720, 750, 740), false},
		"in the window of a forbidden one":    {click(500, 500), true},
		"where another window is in front":    {click(350, 350), false},
		"in a window that the pattern fits":   {click(800, 100), true},
		"in Grokputer's own page":             {click(950, 100), true},
		"typing into an allowed window":       {Input{Verb: action.Type, Text: "x"}, false},
		"a key goes where the focus is alone": {Input{Verb: action.Key, At: Point{50, 770}}, false},
	} {
		if err := p.forbids(tt.in, windows); errors.Is(err, ErrForbidden) != tt.want {
			t.Errorf("%s: %v, want it forbidden: %t", name, err, tt.want)
		}
	}
	windows[0].Focused, windows[1].Focused = false, true
	for _, verb := range []action.Verb{action.Type, action.Key} {
		if err := p.forbids(Input{Verb: verb}, windows); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s into a forbidden window: %v", verb, err)
		}
	}
}

func TestWindowPattern(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern WindowPattern
		title   string
		want    bool
	}{
		{"keepass", "Passwords - KeePassXC", true},
		{"KEEPASS", "keep a pass", false},
		{"bank*login", "My Bank: Login", true},
		{"bank*login", "Login to my bank", false},
		{"*", "anything", true},
		{"ab", "a\u200bb", true},
		{OwnPages, "Sessions · Grokputer - Chromium", true},
		{OwnPages, "grokputer.go - Mousepad", false},
	} {
		if got := tt.pattern.Fits(tt.title); got != tt.want {
			t.Errorf("%q fits %q: %t, want %t", tt.pattern, tt.title, got, tt.want)
		}
	}
}

func TestParseRegions(t *testing.T) {
	t.Parallel()
	got, err := ParseRegions(map[string]string{"b": "-10,5,20x30", "a": "0, 0, 1x1"})
	if err != nil || len(got) != 2 || got[0].Name != "a" || got[1].Area != image.Rect(-10, 5, 10, 35) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, wrong := range []string{"", "1,2,3", "1,2,3x0", "1,2,-3x4", "1,2x3,4", "a,2,3x4", "1,2,3x4,5"} {
		if r, err := ParseRegion("r", wrong); err == nil {
			t.Errorf("%q was read as %v", wrong, r)
		}
	}
	if _, err := ParseRegion("", "1,2,3x4"); err == nil {
		t.Error("a region without a name was read")
	}
}
