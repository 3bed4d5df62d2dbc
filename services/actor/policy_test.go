package actor

import (
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

func TestPolicyClass(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		act   string
		title string
		texts []string
		want  Class
	}{
		{act: `click button "7"`, want: Edit},
		{act: `click button "Send"`, want: Send},
		{act: `click button "SEND NOW"`, want: Send},
		{act: `click link "Log in"`, want: Send},
		{act: `click text "Submit"`, want: Send},
		{act: `click text "Read here how to submit a form to the office"`, want: Edit},
		{act: `click button "Sender"`, want: Edit},
		{act: `click field "delete this"`, want: Edit},
		{act: `click check "delete old mail"`, want: Edit},
		{act: `doubleclick icon "Trash"`, want: Critical},
		{act: `click button "Buy now"`, want: Critical},
		{act: `click menu "Shut Down…"`, want: Critical},
		{act: `click button "Install"`, want: Critical},
		{act: `click button "Don't save"`, want: Critical},
		{act: `rightclick icon "Trash"`, want: Read},
		{act: `hover button "Delete"`, want: Read},
		{act: `drag icon "a.txt" to icon "b"`, want: Edit},
		{act: `drag icon "a.txt" to icon "Trash"`, want: Critical},

		{act: `click button "OK"`, want: Edit},
		{act: `click button "OK"`, title: "Confirm delete", want: Critical},
		{act: `click button "Yes"`, texts: []string{"Do you want to delete 3 files?"}, want: Critical},
		{act: `click button "Yes"`, texts: []string{"Send the message without a subject?"}, want: Send},
		{act: `click button "Yes"`, texts: []string{"How we delete files."}, want: Edit},
		{act: `click button "Cancel"`, texts: []string{"Do you want to delete 3 files?"}, want: Edit},
		{act: `key enter`, texts: []string{"Do you want to delete 3 files?"}, want: Critical},
		{act: `key y`, title: "Remove package", want: Critical},

		{act: `type "hello"`, title: "root@host: ~", want: Edit},
		{act: `type "hello\n"`, title: "a.txt - Mousepad", want: Edit},
		{act: `type "ls\n"`, title: "root@host: ~", want: Send},
		{act: `type "rm -r a\n"`, title: "Terminal", want: Critical},
		{act: `key enter`, title: "Terminal", want: Send},
		{act: `key enter`, title: "anna@box:/srv", want: Send},
		{act: `key enter`, title: "Sign in - Mozilla Firefox", want: Send},
		{act: `key enter`, title: "a.txt - Mousepad", want: Edit},
		{act: `key enter`, title: "Mail to anna@box about lunch: today", want: Send},
		{act: `key enter`, title: "meet me @ noon: yes", want: Edit},
		{act: `key ctrl+enter`, title: "Draft", want: Send},
		{act: `key ctrl+s`, want: Edit},
		{act: `key ctrl+p`, want: Send},
		{act: `key delete`, title: "notes - Mousepad", want: Edit},
		{act: `key shift+delete`, title: "home - Thunar", want: Critical},
		{act: `key ctrl+alt+delete`, want: Critical},
		{act: `key down`, want: Read},
		{act: `key ctrl+end`, want: Edit},
		{act: `key escape`, want: Read},

		{act: `open "calculator"`, want: Read},
		{act: `scroll down 3`, want: Read},
		{act: `wait 3`, want: Read},
		{act: `find "*.pdf"`, want: Read},
		{act: `screenshot "Desktop/a.png"`, want: Edit},
		{act: `answer "delete"`, want: Read},
		{act: `done`, want: Read},
	} {
		t.Run(tt.act+" in "+tt.title, func(t *testing.T) {
			t.Parallel()
			a, err := action.Parse(tt.act)
			if err != nil {
				t.Fatal(err)
			}
			state := prompt.State{Screen: screen.Screen{Title: tt.title}}
			for _, text := range tt.texts {
				state.Screen.Elements = append(state.Screen.Elements, screen.Element{Kind: screen.Text, Text: text})
			}
			if got := (Policy{Line: Send}).Class(state, a); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.act, got, tt.want)
			}
		})
	}
}

func TestPolicyLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line, class Class
		want        bool
	}{
		{Send, Read, false},
		{Send, Edit, false},
		{Send, Send, true},
		{Send, Critical, true},
		{Critical, Send, false},
		{Read, Read, true},
	} {
		if got := (Policy{Line: tt.line}).NeedsApproval(tt.class); got != tt.want {
			t.Errorf("line %s, class %s: approval needed %t, want %t", tt.line, tt.class, got, tt.want)
		}
	}
}

func TestClassText(t *testing.T) {
	t.Parallel()
	for _, c := range Classes() {
		text, err := c.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Class
		if err := back.UnmarshalText(text); err != nil || back != c {
			t.Errorf("%s read back as %s, %v", c, back, err)
		}
	}
	var c Class
	if err := c.UnmarshalText([]byte("harmless")); err == nil {
		t.Error("an unknown class was read without error")
	}
}
