package prompt_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

func full() prompt.State {
	return prompt.State{
		Task: `log in as "anna"`,
		Screen: screen.Screen{Title: `Sign "in"`, Elements: []screen.Element{
			{Kind: screen.Text, Text: "User\nname"},
			{Kind: screen.Field, Caption: "User", Focused: true},
			{Kind: screen.Field, Text: "x"}, {Kind: screen.Field, Text: "x"},
			{Kind: screen.Check, Text: "Stay", Caption: "row", Checked: true},
		}},
		Done: []prompt.Done{{Action: `type "a -> b"`, Result: "no effect"}, {Action: "done"}, {Action: `find "*"`, Result: "2 files -> x"}},
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	empty := prompt.State{}
	for _, s := range []prompt.State{full(), empty, {Task: "a", Done: []prompt.Done{{Action: "not an action -> x"}}}} {
		got, err := prompt.Parse(prompt.Render(s))
		if err != nil {
			t.Error(err)
			continue
		}
		if !reflect.DeepEqual(got, s) {
			t.Errorf("%+v became %+v", s, got)
		}
	}
}

func TestParseSaysWhere(t *testing.T) {
	t.Parallel()
	text := prompt.Render(full())
	for _, c := range []struct{ old, now, want string }{
		{"Task:", "Aufgabe:", "first line"},
		{"Screen ", "Page ", "second line"},
		{`":` + "\n", `"` + "\n", "second line"},
		{"check", "box", `line 7 is no element: unknown kind "box"`},
		{"checked", "on", "left over"},
		{"#2", "#3", "numbered in another way"},
		{"Done so far:", "Done:", "is no element"},
		{"Done so far:", "Done so far: something", "neither"},
	} {
		if _, err := prompt.Parse(strings.Replace(text, c.old, c.now, 1)); !errors.Is(err, prompt.ErrPrompt) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s instead of %s: %v", c.now, c.old, err)
		}
	}
	if _, err := prompt.Parse("What is on the screen?"); !errors.Is(err, prompt.ErrPrompt) {
		t.Errorf("%v", err)
	}
	if _, err := prompt.Parse("Task: x\nScreen \"\":\nbutton \"OK\""); !errors.Is(err, prompt.ErrPrompt) {
		t.Errorf("%v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(prompt.Render(full()))
	f.Add("Task: \nScreen \"\":\nDone so far: nothing")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := prompt.Parse(text)
		if err == nil && prompt.Render(s) != text {
			t.Errorf("%q is rendered as %q", text, prompt.Render(s))
		}
	})
}
