package local

import (
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
