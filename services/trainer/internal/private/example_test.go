package private_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/internal/private"
)

func parse(t *testing.T, said string) action.Action {
	t.Helper()
	a, err := action.Parse(said)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// elements are named as in the action language; a * before a field gives it the focus.
func elements(t *testing.T, names ...string) []screen.Element {
	t.Helper()
	list := make([]screen.Element, 0, len(names))
	for _, name := range names {
		bare := strings.TrimPrefix(name, "*")
		target := parse(t, "click "+bare).Target
		list = append(list, screen.Element{Kind: target.Kind, Text: target.Text, Focused: bare != name})
	}
	return list
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	for task, want := range map[string][]string{
		`log in as "anna" with password "k3f"`:                        {"k3f"},
		`log in as anna, the password is "k3 f"`:                      {"k3 f"},
		`Password: hunter2!`:                                          {"hunter2"},
		`type "k3f" into the field "Password" and press enter`:        {"k3f"},
		`fill "Password" with 'k3f'`:                                  {"k3f"},
		`Benutze das Passwort „k3f“`:                                  {"k3f"},
		`use “k3f” as my password`:                                    {"k3f"},
		`enter the PIN "1234"`:                                        {"1234"},
		`log in with password "{{secret:bank}}"`:                      nil,
		`click "Forgot password" and then "OK"`:                       nil,
		`pin "News" to the top`:                                       nil,
		`change the password settings`:                                nil,
		`open the passwords file and count the lines`:                 nil,
		`password "say \"hi\""`:                                       {`say \"hi\"`},
		`the password is wrong; write "it failed" into the text file`: nil,
	} {
		if got := private.Passwords(task); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", task, got, want)
		}
	}
}

func TestHide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state       prompt.State
		says        string
		wantPrompt  []string // lines of the prompt
		wantSays    string
		never       []string
		wantNothing bool
	}{
		"a log-in": {
			state: prompt.State{
				Task: `log in as "anna@example.org" with password "k3f"`,
				Screen: screen.Screen{Title: "Mail - anna@example.org", Elements: elements(
					t, `text "Username"`, `field "Anna@example.org"`, `text "Password"`, `*field ""`, `button "Log in"`,
				)},
				Done: []prompt.Done{{Action: `type "anna@example.org"`}},
			},
			says: `type "k3f"`,
			wantPrompt: []string{
				`Task: log in as "<email-1>" with password "<password-1>"`, `Screen "Mail - <email-1>":`, `field "<email-1>"`,
				`type "<email-1>"`,
			},
			wantSays: `type "<password-1>"`,
			never:    []string{"nna", "k3f"},
		},
		"a password that only its field tells": {
			state:      prompt.State{Task: "log in", Screen: screen.Screen{Elements: elements(t, `text "Your password"`, `*field ""`)}},
			says:       `type "correct horse"`,
			wantPrompt: []string{"Task: log in", `text "Your password"`},
			wantSays:   `type "<password-1>"`,
			never:      []string{"horse"},
		},
		"a target that is cut, and two that stay apart": {
			state: prompt.State{Task: "open the second", Screen: screen.Screen{Elements: elements(
				t, `button "`+strings.Repeat("long ", 22)+`anna@example.org and more"`, `button "Call 0170 1234567"`, `button "Call 0170 7654321"`,
			)}},
			says:       `click button "Call 0170 7654321"`,
			wantPrompt: []string{`button "Call <phone-1>"`, `button "Call <phone-2>"`, `button "` + strings.Repeat("long ", 22) + `<email-1> …"`},
			wantSays:   `click button "Call <phone-2>"`,
			never:      []string{"anna", "0170"},
		},
		"the same number in two ways": {
			state:      prompt.State{Task: "pay with 4111-1111-1111-1111", Screen: screen.Screen{Elements: elements(t, `field ""`)}},
			says:       `type "4111 1111 1111 1111"`,
			wantPrompt: []string{"Task: pay with <card-1>"},
			wantSays:   `type "<card-1>"`,
			never:      []string{"4111"},
		},
		"an escaped password": {
			state: prompt.State{
				Task: `the password is 'a"b\c'`, Screen: screen.Screen{Elements: elements(t, `field ""`)},
				Done: []prompt.Done{{Action: `type "a\"b\\c"`, Result: "no effect"}},
			},
			says:       `type "a\"b\\c"`,
			wantPrompt: []string{"Task: the password is '<password-1>'", `type "<password-1>" -> no effect`},
			wantSays:   `type "<password-1>"`,
			never:      []string{`b\`},
		},
		"a short password is not looked for in words": {
			state:      prompt.State{Task: `log on with password "on"`, Screen: screen.Screen{Elements: elements(t, `button "Continue"`)}},
			says:       `click button "Continue"`,
			wantPrompt: []string{`button "Continue"`, `Task: log <password-1> with password "<password-1>"`},
			wantSays:   `click button "Continue"`,
		},
		"nothing": {
			state:       prompt.State{Task: `write "1,234.50 EUR on 2026-11-30"`, Screen: screen.Screen{Elements: elements(t, `field ""`)}},
			says:        `type "1,234.50 EUR on 2026-11-30"`,
			wantPrompt:  []string{`Task: write "1,234.50 EUR on 2026-11-30"`},
			wantSays:    `type "1,234.50 EUR on 2026-11-30"`,
			wantNothing: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			says := parse(t, c.says)
			if err := c.state.Check(says); err != nil {
				// A cut label is named as it is seen.
				t.Fatal(err)
			}
			before := prompt.Render(c.state)
			h := private.Hide(c.state, nil, says, parse(t, "done"))
			if prompt.Render(c.state) != before {
				t.Error("the step itself was changed")
			}
			got := prompt.Render(h.State)
			lines := strings.Split(got, "\n")
			for _, want := range c.wantPrompt {
				if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, want) }) {
					t.Errorf("no line %q in\n%s", want, got)
				}
			}
			if said := h.Actions[0].String(); said != c.wantSays || len(h.Actions) != 2 || h.Broken {
				t.Errorf("it says %v, broken %t; want %s", h.Actions, h.Broken, c.wantSays)
			}
			if err := h.State.Check(h.Actions[0]); err != nil {
				t.Errorf("the action cannot be done any more: %v", err)
			}
			for _, never := range c.never {
				if strings.Contains(got+h.Actions[0].String(), never) {
					t.Errorf("%q is still there:\n%s\n%s", never, got, h.Actions[0])
				}
			}
			if (len(h.Counts) == 0) != c.wantNothing {
				t.Errorf("counted %v", h.Counts)
			}
			if again := private.Hide(h.State, nil, h.Actions...); prompt.Render(again.State) != got {
				t.Errorf("hidden again it is another:\n%s", prompt.Render(again.State))
			}
		})
	}
}

// A password that another step typed stands in what was done so far.
func TestAPasswordOfAnotherStep(t *testing.T) {
	t.Parallel()
	field := prompt.State{Task: "log in", Screen: screen.Screen{Elements: elements(t, `text "Password"`, `*field ""`)}}
	password, ok := private.Typed(field, parse(t, `type "correct \"horse\""`))
	if !ok || password != `correct "horse"` {
		t.Fatalf("%q, %t", password, ok)
	}
	for _, said := range []string{"done", `type "{{secret:mail}}"`, `type "x"`} {
		if got, ok := private.Typed(field, parse(t, said)); ok {
			t.Errorf("%s types the password %q", said, got)
		}
	}
	after := prompt.State{Task: "log in", Screen: screen.Screen{Elements: elements(t, `button "Log in"`)}, Done: []prompt.Done{{Action: `type "correct \"horse\""`}}}
	if got, ok := private.Typed(after, parse(t, `type "correct"`)); ok {
		t.Errorf("without a field %q is a password", got)
	}
	h := private.Hide(after, []string{password}, parse(t, `click button "Log in"`))
	if got := h.State.Done[0].Action; got != `type "<password-1>"` || h.Counts[private.Password] != 1 {
		t.Errorf("%s, %v", got, h.Counts)
	}
	if h := private.Hide(field, []string{password}, parse(t, "done")); h.Counts[private.Password] != 0 {
		t.Errorf("a password that is nowhere is counted: %v", h.Counts)
	}
}

// Elements that become equal get numbers, and the action names the right one.
func TestHideKeepsTheTarget(t *testing.T) {
	t.Parallel()
	s := prompt.State{Task: "the second", Screen: screen.Screen{Elements: elements(t, `link "A@example.org"`, `link "a@example.org"`)}}
	h := private.Hide(s, nil, parse(t, `click link "a@example.org"`))
	if got := h.Actions[0].String(); got != `click link "<email-1>" #2` {
		t.Errorf("it says %s on\n%s", got, prompt.Render(h.State))
	}
}

// Who sees only the placeholder cannot type half of what it stands for.
func TestHalfOfAValue(t *testing.T) {
	t.Parallel()
	s := prompt.State{Task: "write anna@example.org into the field", Screen: screen.Screen{Elements: elements(t, `field ""`)}}
	if h := private.Hide(s, nil, parse(t, `type "anna@"`)); !h.Broken {
		t.Error("half of an address is typed, and that is fine")
	}
	s.Task = "write anna@ or anna@example.org into the field"
	if h := private.Hide(s, nil, parse(t, `type "anna@"`)); h.Broken {
		t.Error("the task says what is typed")
	}
}

// What the model does not see is not kept.
func TestHideLeavesOutWhatIsNotSeen(t *testing.T) {
	t.Parallel()
	s := prompt.State{Task: "x"}
	for range prompt.MaxElements + 5 {
		s.Screen.Elements = append(s.Screen.Elements, screen.Element{Kind: screen.Text, Text: strings.Repeat("y", screen.MaxLabel+50)})
	}
	h := private.Hide(s, nil, parse(t, "done"))
	if len(h.State.Screen.Elements) != prompt.MaxElements || len(h.State.Screen.Elements[0].Text) > screen.MaxLabel+5 {
		t.Errorf("%d elements of %d bytes", len(h.State.Screen.Elements), len(h.State.Screen.Elements[0].Text))
	}
	if prompt.Render(h.State) != prompt.Render(s) {
		t.Error("the model sees something else")
	}
}

func FuzzHide(f *testing.F) {
	f.Add(`password "k3f"`, "call +49 170 1234567", `k3f`)
	f.Add("a@b.org", "4111 1111 1111 1111", "a@b.org")
	f.Add(`password "é"`, "é é1", "é")
	f.Fuzz(func(t *testing.T, task, label, text string) {
		s := prompt.State{Task: task, Screen: screen.Screen{Title: label, Elements: []screen.Element{{Kind: screen.Button, Text: label}, {Kind: screen.Field, Text: task}}}}
		click := action.Action{Verb: action.Click, Target: s.Screen.Targets()[0]}
		h := private.Hide(s, nil, click, action.Action{Verb: action.Type, Text: text})
		if err := h.State.Check(h.Actions[0]); err != nil {
			t.Fatal(err)
		}
		again := private.Hide(s, nil, click, action.Action{Verb: action.Type, Text: text})
		if prompt.Render(again.State) != prompt.Render(h.State) || again.Actions[1].Text != h.Actions[1].Text {
			t.Fatal("the same step is hidden in two ways")
		}
	})
}
