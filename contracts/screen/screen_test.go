package screen_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts/screen"
)

// login is a screen with two equal fields.
func login() screen.Screen {
	return screen.Screen{Title: "Sign in", Elements: []screen.Element{
		{Kind: screen.Text, Text: "Username"},
		{Kind: screen.Field, Box: screen.Box{X: 1}},
		{Kind: screen.Text, Text: "Password"},
		{Kind: screen.Field, Box: screen.Box{X: 2}},
		{Kind: screen.Button, Text: "Log in", Box: screen.Box{X: 3}},
		{Kind: screen.Link, Text: "Log in", Box: screen.Box{X: 4}},
	}}
}

func ExampleScreen_Targets() {
	for _, target := range login().Targets() {
		fmt.Println(target)
	}
	// Output:
	// text "Username"
	// field "" #1
	// text "Password"
	// field "" #2
	// button "Log in"
	// link "Log in"
}

func TestFindReturnsTheElementThatATargetNames(t *testing.T) {
	t.Parallel()
	s := login()
	for i, target := range s.Targets() {
		if e, err := s.Find(target); err != nil || e != s.Elements[i] {
			t.Errorf("%s is %+v, %v; want %+v", target, e, err, s.Elements[i])
		}
	}
}

func TestFindRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		target screen.Target
		want   string
	}{
		{screen.Target{Kind: screen.Button, Text: "Sign up"}, `button "Sign up"`},
		{screen.Target{Kind: screen.Tab, Text: "Log in"}, `tab "Log in"`},
		{screen.Target{Kind: screen.Field}, "there are 2 of them: add #1 to #2"},
		{screen.Target{Kind: screen.Field, N: 3}, "there are 2 of them: add #1 to #2"},
		{screen.Target{Kind: screen.Button, Text: "Log in", N: 1}, "there are 1 of them"},
	} {
		if e, err := login().Find(c.target); !errors.Is(err, screen.ErrNoElement) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s is %+v, %v; want ErrNoElement with %q", c.target, e, err, c.want)
		}
	}
}

// Long texts that differ only behind the cut are told apart by number.
func TestLongLabelsAreCutAndNumbered(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", screen.MaxLabel)
	s := screen.Screen{Elements: []screen.Element{
		{Kind: screen.Text, Text: long},
		{Kind: screen.Text, Text: long + "1"},
		{Kind: screen.Text, Text: long + "2"},
	}}
	targets := s.Targets()
	if targets[0].Text != long || targets[0].N != 0 {
		t.Errorf("a text of just %d runes became %s", screen.MaxLabel, targets[0])
	}
	for i, target := range targets[1:] {
		if target.Text != long+"…" || target.N != i+1 || utf8.RuneCountInString(target.Text) != screen.MaxLabel+1 {
			t.Errorf("element %d is %s", i+1, target)
		}
		if e, err := s.Find(target); err != nil || e != s.Elements[i+1] {
			t.Errorf("%s is %+v, %v", target, e, err)
		}
	}
}

// Every element can be named, by one name only, whatever the texts.
func FuzzTargetsAreUnique(f *testing.F) {
	f.Add("x\ny\nx", uint8(0))
	f.Add("\xff\n\uFFFD\n ", uint8(3))
	f.Fuzz(func(t *testing.T, texts string, kind uint8) {
		var s screen.Screen
		for i, text := range strings.Split(texts, "\n") {
			k := screen.Kinds()[(int(kind)+i%2)%len(screen.Kinds())]
			s.Elements = append(s.Elements, screen.Element{Kind: k, Text: text, Box: screen.Box{X: i}})
		}
		targets := s.Targets()
		for i, target := range targets {
			if slices.Contains(targets[:i], target) {
				t.Fatalf("two elements are called %s", target)
			}
			if e, err := s.Find(target); err != nil || e != s.Elements[i] {
				t.Fatalf("%s is %+v, %v; want %+v", target, e, err, s.Elements[i])
			}
		}
	})
}

func TestBoxCenter(t *testing.T) {
	t.Parallel()
	if x, y := (screen.Box{X: 10, Y: 20, W: 5, H: 4}).Center(); x != 12 || y != 22 {
		t.Errorf("the centre is %d, %d", x, y)
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]screen.Element{
		"":                          {Kind: screen.Check, Text: "a"},
		" checked":                  {Kind: screen.Radio, Text: "a", Checked: true},
		` for "Say \"hi\"" focused`: {Kind: screen.Field, Caption: `Say "hi"`, Focused: true},
		` for "` + long(screen.MaxLabel) + `…"`: {Kind: screen.Field, Caption: long(screen.MaxLabel + 1)},
	} {
		if got := e.State(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func long(n int) string { return strings.Repeat("é", n) }
