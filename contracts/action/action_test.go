package action_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
)

func button(text string, n int) screen.Target {
	return screen.Target{Kind: screen.Button, Text: text, N: n}
}

// canonical are actions with their canonical texts, one of each verb at least.
func canonical() map[string]action.Action {
	return map[string]action.Action{
		`click button "Log in"`:                     {Verb: action.Click, Target: button("Log in", 0)},
		`click button "Log in" #2`:                  {Verb: action.Click, Target: button("Log in", 2)},
		`click field ""`:                            {Verb: action.Click, Target: screen.Target{Kind: screen.Field}},
		`doubleclick icon "a \"b\" #1"`:             {Verb: action.DoubleClick, Target: screen.Target{Kind: screen.Icon, Text: `a "b" #1`}},
		`rightclick text "to \\ from"`:              {Verb: action.RightClick, Target: screen.Target{Kind: screen.Text, Text: `to \ from`}},
		`hover link "x"`:                            {Verb: action.Hover, Target: screen.Target{Kind: screen.Link, Text: "x"}},
		`drag button "a" #1 to button "b to c" #12`: {Verb: action.Drag, Target: button("a", 1), To: button("b to c", 12)},
		`scroll up 3`:                               {Verb: action.Scroll, N: 3},
		`scroll down 20`:                            {Verb: action.Scroll, Down: true, N: 20},
		`type "two\nlines"`:                         {Verb: action.Type, Text: "two\nlines"},
		`key enter`:                                 {Verb: action.Key, Keys: []string{"enter"}},
		`key ctrl+alt+shift+f12`:                    {Verb: action.Key, Keys: []string{"ctrl", "alt", "shift", "f12"}},
		`open "calculator"`:                         {Verb: action.Open, Text: "calculator"},
		`screenshot "Desktop/a.png"`:                {Verb: action.Screenshot, Text: "Desktop/a.png"},
		`find "*.pdf"`:                              {Verb: action.Find, Text: "*.pdf"},
		`wait 5`:                                    {Verb: action.Wait, N: 5},
		`answer "4"`:                                {Verb: action.Answer, Text: "4"},
		`done`:                                      {Verb: action.Done},
		`fail "no such menu"`:                       {Verb: action.Fail, Text: "no such menu"},
		`ask "which one?"`:                          {Verb: action.Ask, Text: "which one?"},
	}
}

func TestStringAndParseAreInverse(t *testing.T) {
	t.Parallel()
	seen := map[action.Verb]bool{}
	for text, a := range canonical() {
		seen[a.Verb] = true
		if got := a.String(); got != text {
			t.Errorf("%+v is written %s, want %s", a, got, text)
		}
		got, err := action.Parse(text)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for _, verb := range action.Verbs() {
		if !seen[verb] {
			t.Errorf("no example of %s", verb)
		}
	}
}

func TestParseAllowsWhatIsMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"  done \n":                    "done",
		"scroll down":                  "scroll down 3",
		"wait":                         "wait 5",
		"key Ctrl+S":                   "key ctrl+s",
		`click  button   "a"   #1`:     `click button "a" #1`,
		`drag icon "a"  to   icon "b"`: `drag icon "a" to icon "b"`,
		`type "\u00e4"`:                `type "ä"`,
	} {
		a, err := action.Parse(text)
		if err != nil || a.String() != want {
			t.Errorf("%q is %s, %v; want %s", text, a, err, want)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           "unknown verb",
		"jump":                       `unknown verb "jump"`,
		"rm -rf /":                   "unknown verb",
		"click":                      "unknown kind",
		`click gizmo "a"`:            `unknown kind "gizmo"`,
		"click button":               "double quotes",
		`click button a`:             "double quotes",
		`click button "a`:            "closing quote",
		`click button "a" #0`:        "not a number from 1 up",
		`click button "a" #-1`:       "not a number from 1 up",
		`click button "a" #x`:        "not a number from 1 up",
		`click button "a" #1 #2`:     "left over",
		`click button "a" "b"`:       "left over",
		`drag icon "a"`:              `needs "to"`,
		`drag icon "a" icon "b"`:     `needs "to"`,
		`drag icon "a" to`:           `needs "to"`,
		"scroll sideways":            "up or down",
		"scroll up 0":                "from 1 to 20",
		"scroll up 21":               "from 1 to 20",
		"wait 31":                    "from 1 to 30",
		"wait -1":                    "from 1 to 30",
		"wait 1 s":                   "from 1 to 30",
		"key":                        "needs a key",
		"key ctrl":                   `unknown key "ctrl"`,
		"key s+ctrl":                 `unknown modifier "s"`,
		"key ctrl+alt+shift+super+s": "at most 4 keys",
		"key ctrl+":                  `unknown key ""`,
		"key ä":                      "unknown key",
		"type hello":                 "double quotes",
		`type "a" "b"`:               "left over",
		"done now":                   "left over",
		"done\ntype \"x\"":           "unknown verb",
		"type \"a\nb\"":              "control character",
	} {
		a, err := action.Parse(text)
		if !errors.Is(err, action.ErrSyntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %+v, %v; want ErrSyntax with %q", text, a, err, want)
		}
		if diff := cmp.Diff(action.Action{}, a); diff != "" {
			t.Errorf("%q is an error, and an action: %s", text, diff)
		}
	}
}

func TestActionStandsInJSONAsText(t *testing.T) {
	t.Parallel()
	for text, a := range canonical() {
		raw, err := json.Marshal(map[string]action.Action{"action": a})
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]action.Action
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, got["action"]); diff != "" {
			t.Errorf("%s in %s: %s", text, raw, diff)
		}
	}
	var a action.Action
	if err := json.Unmarshal([]byte(`"jump"`), &a); !errors.Is(err, action.ErrSyntax) {
		t.Errorf("%v, want ErrSyntax", err)
	}
}

func TestWhatAnActionIs(t *testing.T) {
	t.Parallel()
	ends := []action.Verb{action.Answer, action.Done, action.Fail, action.Ask}
	noInput := append([]action.Verb{action.Open, action.Screenshot, action.Find, action.Wait}, ends...)
	for _, verb := range action.Verbs() {
		a := action.Action{Verb: verb, Target: button("a", 0), To: button("b", 0)}
		if a.Ends() != slices.Contains(ends, verb) {
			t.Errorf("%s ends a task: %t", verb, a.Ends())
		}
		if a.Input() == slices.Contains(noInput, verb) {
			t.Errorf("%s is input: %t", verb, a.Input())
		}
		want := map[action.Verb]int{action.Click: 1, action.DoubleClick: 1, action.RightClick: 1, action.Hover: 1, action.Drag: 2}
		if n := len(a.Targets()); n != want[verb] {
			t.Errorf("%s has %d targets, want %d", verb, n, want[verb])
		}
	}
}

// Parse never panics; what it takes has a canonical form on one line that is
// read as the same action.
func FuzzParse(f *testing.F) {
	for text := range canonical() {
		f.Add(text)
	}
	f.Add(`drag button "a" #1 to`)
	f.Add(`type "\ud800"`)
	f.Add("key ++")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := action.Parse(text)
		if err != nil {
			if !errors.Is(err, action.ErrSyntax) {
				t.Fatalf("%q: %v is not an ErrSyntax", text, err)
			}
			return
		}
		again, err := action.Parse(a.String())
		if err != nil {
			t.Fatalf("%q was read, its canonical form %q was not: %v", text, a, err)
		}
		if diff := cmp.Diff(a, again); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
		if strings.ContainsAny(a.String(), "\n\r\u2028\u2029") {
			t.Fatalf("%q is written on several lines", a)
		}
	})
}
