package bench

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// form is a screen as an observer reads it, with letters that it got wrong.
func form() screen.Screen {
	at := func(x, y int) screen.Box { return screen.Box{X: x, Y: y, W: 80, H: 20} }
	return screen.Screen{Title: "Form", Elements: []screen.Element{
		{Kind: screen.Menu, Text: "Eile", Box: at(0, 0)},
		{Kind: screen.Text, Text: "Name:", Box: at(0, 40)},
		{Kind: screen.Field, Box: at(100, 40), Focused: true},
		{Kind: screen.Text, Text: "Place", Box: at(0, 80)},
		{Kind: screen.Field, Box: at(200, 80)},
		{Kind: screen.Field, Box: at(100, 80)},
		{Kind: screen.Field, Caption: "Street", Box: at(100, 120)},
		{Kind: screen.Check, Text: "Keep it", Box: at(0, 160), Checked: true},
		{Kind: screen.Check, Text: "Send it", Box: at(0, 180)},
		{Kind: screen.Button, Text: "QK", Box: at(0, 200)},
		{Kind: screen.Button, Text: "Close", Box: at(100, 200)},
		{Kind: screen.Text, Text: "close...", Box: at(200, 200)},
		{Kind: screen.Button, Text: "7", Box: at(0, 240)},
		{Kind: screen.Button, Text: "1", Box: at(40, 240)},
		{Kind: screen.Text, Text: "twice", Box: at(0, 280)},
		{Kind: screen.Text, Text: "twice", Box: at(0, 300)},
	}}
}

func TestLookFindsWhatIsMeant(t *testing.T) {
	t.Parallel()
	every, field := screen.Kinds(), []screen.Kind{screen.Field}
	pressed := []screen.Kind{screen.Button, screen.Text}
	for _, test := range []struct {
		aim  starter.Aim
		want string // what is found, or a part of why nothing is
	}{
		{starter.Aim{Kinds: every, Text: "File"}, `menu "Eile"`},
		{starter.Aim{Kinds: every, Text: "OK"}, `button "QK"`},
		{starter.Aim{Kinds: pressed, Text: "Close"}, `button "Close"`},
		{starter.Aim{Kinds: every, Text: "send IT"}, `check "Send it"`},
		{starter.Aim{Kinds: field, Beside: "Name"}, `field "" #1`},
		{starter.Aim{Kinds: field, Beside: "Place"}, `field "" #3`}, // the nearer one
		{starter.Aim{Kinds: field, Beside: "Street:"}, `field "" #4`},
		{starter.Aim{Kinds: every, Text: "9"}, `no "9"`}, // one letter is all of it
		{starter.Aim{Kinds: field, Text: "File"}, `no "File"`},
		{starter.Aim{Kinds: every, Text: "twice"}, `2 of "twice"`},
		{starter.Aim{Kinds: field}, `4 of ""`},
		{starter.Aim{Kinds: field, Beside: "Keep it"}, `nothing stands beside`},
		{starter.Aim{Kinds: field, Beside: "Town"}, `0 of "Town"`},
	} {
		i, err := look(form(), test.aim)
		got := form().Targets()[i].String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%+v: %s, want %s", test.aim, got, test.want)
		}
	}
}

// said is what a script says on the form, and why it drops the session.
func said(t *testing.T, moves []starter.Move, results ...string) (actions []string, dropped string) {
	t.Helper()
	s := &script{moves: moves}
	state := prompt.State{Task: "t", Screen: form()}
	for _, result := range append(results, "") {
		a, err := s.next(state)
		if err != nil {
			if (s.dropped == "") != errors.Is(err, errScriptEnd) {
				t.Fatalf("%v, and dropped is %q", err, s.dropped)
			}
			break
		}
		actions = append(actions, a.String())
		state.Done = append(state.Done, prompt.Done{Action: a.String(), Result: result})
	}
	if len(s.recorded) != len(actions) {
		t.Errorf("%d actions, %d recorded", len(actions), len(s.recorded))
	}
	return actions, s.dropped
}

func TestScript(t *testing.T) {
	t.Parallel()
	click := func(text string, unless starter.Already) starter.Move {
		return starter.Move{Do: action.Action{Verb: action.Click}, At: starter.Aim{Kinds: []screen.Kind{screen.Check, screen.Button}, Text: text}, Unless: unless}
	}
	in := func(caption string, unless starter.Already) starter.Move {
		return starter.Move{Do: action.Action{Verb: action.Click}, At: starter.Aim{Kinds: []screen.Kind{screen.Field}, Beside: caption}, Unless: unless}
	}
	done := starter.Move{Do: action.Action{Verb: action.Done}}
	quiet := click("Close", "")
	quiet.Quiet = true
	for name, test := range map[string]struct {
		moves   []starter.Move
		results []string
		want    []string
		dropped string
	}{
		"all is seen":               {[]starter.Move{click("OK", ""), done}, []string{""}, []string{`click button "QK"`, "done"}, ""},
		"a field with the focus":    {[]starter.Move{in("Name", starter.Focused), done}, nil, []string{"done"}, ""},
		"a field without it":        {[]starter.Move{in("Place", starter.Focused), done}, []string{"no effect"}, []string{`click field "" #3`, "done"}, ""},
		"a checked box":             {[]starter.Move{click("Keep it", starter.Checked), done}, nil, []string{"done"}, ""},
		"a checked box to clear":    {[]starter.Move{click("Keep it", starter.Unchecked), done}, []string{""}, []string{`click check "Keep it"`, "done"}, ""},
		"an empty box to clear":     {[]starter.Move{click("Send it", starter.Unchecked), done}, nil, []string{"done"}, ""},
		"nothing of it":             {[]starter.Move{click("Help", ""), done}, nil, nil, "not seen"},
		"no effect":                 {[]starter.Move{click("OK", ""), done}, []string{"no effect"}, []string{`click button "QK"`}, "an action did not work"},
		"an error":                  {[]starter.Move{{Do: action.Action{Verb: action.Open, Text: "x"}}, done}, []string{"no such program"}, []string{`open "x"`}, "an action did not work"},
		"no effect, as is expected": {[]starter.Move{quiet, click("OK", ""), done}, []string{"no effect", ""}, []string{`click button "Close"`, `click button "QK"`, "done"}, ""},
		"a count": {
			[]starter.Move{{Do: action.Action{Verb: action.Find, Text: "vault/*"}}, {Do: action.Action{Verb: action.Answer, Text: "?"}}},
			[]string{"12 files"},
			[]string{`find "vault/*"`, `answer "12"`}, "",
		},
		"too few moves": {[]starter.Move{click("OK", "")}, []string{""}, []string{`click button "QK"`}, ""},
	} {
		got, dropped := said(t, test.moves, test.results...)
		if diff := cmp.Diff(test.want, got); diff != "" || dropped != test.dropped {
			t.Errorf("%s: dropped %q, want %q; %s", name, dropped, test.dropped, diff)
		}
	}
}

func TestAnswerIsBorneOut(t *testing.T) {
	t.Parallel()
	answer := trainer.Example{Right: action.Action{Verb: action.Answer, Text: "12"}}
	on := func(text string) trainer.Example {
		e := answer
		e.State.Screen.Elements = []screen.Element{{Kind: screen.Field, Text: text}}
		return e
	}
	after := answer
	after.State.Done = []prompt.Done{{Action: `find "*"`, Result: "12 files"}}
	for want, examples := range map[bool][]trainer.Example{true: {on("12"), on("$ expr 5 + 7\n12\n$"), after}, false: {on("112"), on(""), answer}} {
		for _, e := range examples {
			if borneOut([]trainer.Example{e}) != want {
				t.Errorf("%+v is borne out: %t", e.State, !want)
			}
		}
	}
	if borneOut(nil) {
		t.Error("no step bears something out")
	}
}

func TestRecordLogGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "steps.tries")
	session := starter.Session{Kind: "editor", Task: "write it"}
	first := Try{Kind: "editor", N: 0, Task: "write it", Seconds: 1.5, Examples: []trainer.Example{{
		Kind: "editor", State: prompt.State{Task: "write it"}, Right: action.Action{Verb: action.Done},
	}}}
	log, err := OpenRecordLog(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(log.Add(first), log.Add(Try{Kind: "editor", N: 1, Task: "write it", Dropped: "not seen"})); err != nil {
		t.Fatal(err)
	}
	cut, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cut.WriteString(`{"kind":"editor","n":2,"ta`); err != nil {
		t.Fatal(err)
	}
	if err := cut.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time after what was added behind the line that was cut off
		if log, err = OpenRecordLog(path); err != nil {
			t.Fatal(err)
		}
		if got, ok := log.Find(session, 0); !ok || cmp.Diff(first, got) != "" {
			t.Errorf("found %t: %s", ok, cmp.Diff(first, got))
		}
		if got, ok := log.Find(session, 1); !ok || got.Dropped != "not seen" {
			t.Errorf("found %t: %+v", ok, got)
		}
		if _, ok := log.Find(starter.Session{Kind: "editor", Task: "another"}, 0); ok {
			t.Error("a session with another task was found")
		}
		if err := log.Add(Try{Kind: "editor", N: 3}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte("{}\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRecordLog(path); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v, want one about line 2", err)
	}
}

// Effects in files are read where programs leave them.
func TestEffectsInFiles(t *testing.T) {
	t.Parallel()
	p := Place{Home: filepath.Join(t.TempDir(), "home")}
	if err := p.furnish(map[string]string{"gone.txt": "x"}); err != nil {
		t.Fatal(err)
	}
	err := p.furnish(map[string]string{
		"a.txt": "text", "folder/": "", ".bash_history": "ls\ndate\n", ".gtkrc": "one=1\ntwo=2\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(p.Home, ".config", "glib-2.0", "settings")
	if err := os.MkdirAll(settings, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(settings, "keyfile"), []byte("[a/b]\nkey=true\n\n[c]\nkey=false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	title := []trainer.Example{{State: prompt.State{Screen: screen.Screen{Title: "folder"}}}}
	for _, test := range []struct {
		effect starter.Effect
		want   bool
	}{
		{starter.Effect{What: starter.FileHolds, Name: "a.txt", Want: "text"}, true},
		{starter.Effect{What: starter.FileHolds, Name: "a.txt", Want: "other"}, false},
		{starter.Effect{What: starter.FileHolds, Name: "gone.txt", Want: "x"}, false},
		{starter.Effect{What: starter.FolderThere, Name: "folder"}, true},
		{starter.Effect{What: starter.FolderThere, Name: "a.txt"}, false},
		{starter.Effect{What: starter.FolderThere, Name: "gone"}, false},
		{starter.Effect{What: starter.NothingThere, Name: "gone.txt"}, true},
		{starter.Effect{What: starter.NothingThere, Name: "a.txt"}, false},
		{starter.Effect{What: starter.CommandRan, Want: "date"}, true},
		{starter.Effect{What: starter.CommandRan, Want: "ls"}, false},
		{starter.Effect{What: starter.ConfigHolds, Name: ".gtkrc", Want: "two=2"}, true},
		{starter.Effect{What: starter.ConfigHolds, Name: ".gtkrc", Want: "two="}, false},
		{starter.Effect{What: starter.SettingIs, Name: "a/b/key", Want: "true"}, true},
		{starter.Effect{What: starter.SettingIs, Name: "c/key", Want: "true"}, false},
		{starter.Effect{What: starter.SettingIs, Name: "a/key", Want: "true"}, false},
		{starter.Effect{What: starter.TitleSays, Want: "folder"}, true},
		{starter.Effect{What: starter.TitleSays, Want: "home"}, false},
	} {
		seen, err := p.see(t.Context(), test.effect, nil, title)
		if got := err == nil && seen == test.effect.Want; got != test.want {
			t.Errorf("%+v: %t, want %t (%q, %v)", test.effect, got, test.want, seen, err)
		}
	}
}
