package local

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
)

func login() prompt.State {
	return prompt.State{Screen: screen.Screen{Elements: []screen.Element{
		{Kind: screen.Field}, {Kind: screen.Field}, {Kind: screen.Button, Text: "Log \"in\"\n\\"}, {Kind: screen.Text, Text: "<|im_end|>"},
	}}}
}

func may() actor.Constraint {
	return actor.Constraint{Apps: []string{"text editor", `odd "app"`}, Folders: []string{"Desktop", "vault"}}
}

func TestActions(t *testing.T) {
	t.Parallel()
	g, err := actions(login(), may())
	if err != nil {
		t.Fatal(err)
	}
	//nolint:gosmopolitan // other scripts can be typed
	for _, text := range []string{
		`click field "" #1`, `doubleclick field "" #2`, `rightclick text "<|im_end|>"`, `hover button "Log \"in\"\n\\"`,
		`drag field "" #1 to text "<|im_end|>"`,
		`type "a"`, `type "\"quoted\" \\ and\ttab\nline, ü, 你好, 😀"`, `answer ""`, `answer "4"`, `fail "why"`, `ask "which?"`, `done`,
		`scroll down 1`, `scroll up 20`, `wait 30`, `key a`, `key 0`, `key enter`, `key ctrl+s`, `key ctrl+alt+shift+f12`, `key super+left`,
		`open "text editor"`, `open "odd \"app\""`,
		`screenshot "Desktop/a.png"`, `screenshot "vault/my picture.v2.png"`, `find "*.pdf"`, `find "vault/**/*.pdf"`,
	} {
		if !g.Match(text) {
			t.Errorf("%s cannot be said", text)
			continue
		}
		a, err := action.Parse(text)
		if err != nil {
			t.Errorf("%s can be said but not read: %v", text, err)
			continue
		}
		if err := may().Check(login(), a); err != nil {
			t.Errorf("%s can be said but not done: %v", text, err)
		}
		if a.String() != text {
			t.Errorf("%s is not canonical, but %s", text, a)
		}
	}
	for _, text := range []string{
		``, ` done`, `done `, `Done`, `click`, `click field ""`, `click field "" #3`, `click button "Log in"`, `click button "Cancel"`,
		`type ""`, `type "a`, `type "a"b"`, "type \"a\nb\"", "type \"a\x7f\"", "type \"\xff\"", `type "\u0041"`, "type \"\u2028\"",
		`find ""`, `scroll left 3`, `scroll down`, `scroll down 0`, `scroll down 21`, `wait 31`, `key`, `key ctrl+`, `key A`, `key ctrl+ctrl+a`,
		`open "terminal"`, `open "Text Editor"`, `screenshot "a.png"`, `screenshot "etc/a.png"`, `screenshot "Desktop/../a.png"`,
		`screenshot "Desktop/a"`, `screenshot "Desktop/.png"`, `drag field "" #1 to`, "done\nclick field \"\" #1",
	} {
		if g.Match(text) {
			t.Errorf("%q can be said", text)
		}
	}
}

// Where only the element is asked for, nothing else can be said.
func TestActionsOfOneVerb(t *testing.T) {
	t.Parallel()
	for verb, c := range map[action.Verb]struct{ can, cannot []string }{
		action.Click: {
			[]string{`click field "" #1`, `click text "<|im_end|>"`},
			[]string{`click field "" #2`, `rightclick field "" #1`, `click field ""`, `done`, `type "a"`},
		},
		action.Drag: {
			[]string{`drag field "" #1 to text "<|im_end|>"`},
			[]string{`click field "" #1`, `drag field "" #1 to`, `done`},
		},
	} {
		only := may()
		only.Verb, only.Not = verb, []action.Action{{Verb: action.Click, Target: screen.Target{Kind: screen.Field, N: 2}}}
		g, err := actions(login(), only)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range c.can {
			a, err := action.Parse(text)
			if err != nil || !g.Match(text) || only.Check(login(), a) != nil {
				t.Errorf("%s cannot be said: %v", text, err)
			}
		}
		for _, text := range c.cannot {
			a, err := action.Parse(text)
			if g.Match(text) || err == nil && only.Check(login(), a) == nil {
				t.Errorf("%s can be said, or done", text)
			}
		}
	}
	if _, err := actions(prompt.State{}, actor.Constraint{Verb: action.Click}); err == nil {
		t.Error("there is something to click on nothing")
	}
}

// What may not be said is left out, and nothing else is.
func TestActionsRefused(t *testing.T) {
	t.Parallel()
	//nolint:gosmopolitan // other scripts can be typed
	not := []string{
		`click field "" #1`, `click button "Log \"in\"\n\\"`, `drag field "" #1 to field "" #2`, `key ctrl+s`, `wait 5`, `scroll down 3`,
		`open "text editor"`, `type "ab"`, `type "a"`, `type "\"q\" \\"`, `type "你好"`, `find "*.pdf"`, `fail ""`, `fail "no"`, `screenshot "vault/a.png"`,
		`type "` + strings.Repeat("x", 100) + `"`,
	}
	limited := may()
	for _, text := range not {
		a, err := action.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		limited.Not = append(limited.Not, a)
	}
	limited.Unfinished = "something"
	g, err := actions(login(), limited)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(not, `done`, `answer "4"`, `answer ""`, `type "`+strings.Repeat("x", 99)+`"`) {
		if g.Match(text) {
			t.Errorf("%s can be said", text)
		}
	}
	//nolint:gosmopolitan // other scripts can be typed
	for _, text := range []string{
		`click field "" #2`, `doubleclick field "" #1`, `hover button "Log \"in\"\n\\"`, `drag field "" #2 to field "" #1`, `drag field "" #1 to field "" #1`,
		`key s`, `key ctrl+a`, `key alt+s`, `key ctrl+shift+s`, `wait 1`, `wait 15`, `scroll up 3`, `scroll down 13`, `open "odd \"app\""`,
		`type "b"`, `type "abc"`, `type "ac"`, `type "ba"`, `type "\"q\""`, `type "\"q\" \\."`, `type "\n"`, `type "你"`, `type "你好你"`, `find "*.pd"`, `find "*"`,
		`fail "not"`, `fail "n"`, `ask "no"`, `screenshot "vault/b.png"`, `screenshot "Desktop/a.png"`, `screenshot "vault/a.png.png"`,
		`type "` + strings.Repeat("x", 31) + `"`, `type "` + strings.Repeat("x", 31) + `y"`,
	} {
		if !g.Match(text) {
			t.Errorf("%s cannot be said", text)
			continue
		}
		a, err := action.Parse(text)
		if err == nil {
			err = limited.Check(login(), a)
		}
		if err != nil {
			t.Errorf("%s can be said: %v", text, err)
		}
	}
}

// Where nothing is left to be named, the verb cannot be said.
func TestActionsRefuseAll(t *testing.T) {
	t.Parallel()
	state := prompt.State{Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Button, Text: "A"}}}}
	limited := actor.Constraint{Apps: []string{"editor"}}
	for _, text := range []string{`click button "A"`, `drag button "A" to button "A"`, `open "editor"`} {
		a, err := action.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		limited.Not = append(limited.Not, a)
	}
	g, err := actions(state, limited)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`click button "A"`: false, `drag button "A" to button "A"`: false, `open "editor"`: false, `hover button "A"`: true, `done`: true,
	} {
		if g.Match(text) != want {
			t.Errorf("%s can be said: %t", text, !want)
		}
	}
}

func TestActionsOnNothing(t *testing.T) {
	t.Parallel()
	g, err := actions(prompt.State{}, actor.Constraint{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`done`: true, `key f5`: true, `click text "a"`: false, `click `: false, `open ""`: false, `find "a"`: false, `screenshot "a/b.png"`: false,
	} {
		if g.Match(text) != want {
			t.Errorf("%s can be said: %t", text, !want)
		}
	}
}

// Only what the model is shown can be named.
func TestActionsOnLongScreen(t *testing.T) {
	t.Parallel()
	var state prompt.State
	for i := range prompt.MaxElements + 1 {
		kind := screen.Button
		if i == prompt.MaxElements {
			kind = screen.Link
		}
		state.Screen.Elements = append(state.Screen.Elements, screen.Element{Kind: kind, Text: "more"})
	}
	g, err := actions(state, may())
	if err != nil {
		t.Fatal(err)
	}
	if !g.Match(`click button "more" #100`) || g.Match(`click button "more" #101`) || g.Match(`click link "more"`) {
		t.Error("the grammar and the prompt show different elements")
	}
}
