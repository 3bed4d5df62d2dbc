package actor

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

// A task is not done when what was tried last did not work.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		steps string // one a line: action -> outcome: result
		want  contracts.Reason
		why   string
	}{
		"nothing yet":             {"", "", ""},
		"it worked":               {`click button "A" -> changed`, "", ""},
		"an error":                {`type "a" -> error: no window has the focus`, contracts.ReasonHands, `type "a" could not be done: no window has the focus`},
		"an error before":         {"type \"a\" -> error: no focus\nclick field \"\" -> changed\ntype \"a\" -> changed", "", ""},
		"an error, looked again":  {"type \"a\" -> error: no focus\nwait 1 -> unchanged", contracts.ReasonHands, "no focus"},
		"an error, it moves":      {"type \"a\" -> error: no focus\nwait 1 -> changed\nscroll down 3 -> changed\nhover button \"A\" -> changed", contracts.ReasonHands, "no focus"},
		"an error, then a file":   {"type \"a\" -> error: no focus\nfind \"*\" -> result: 2 files", contracts.ReasonHands, "no focus"},
		"an error, then a save":   {"type \"a\" -> error: no focus\nkey ctrl+s -> unchanged", contracts.ReasonHands, "no focus"},
		"no such folder":          {`find "x/*" -> error: no such folder`, contracts.ReasonHands, "no such folder"},
		"found after all":         {"find \"x/*\" -> error: no such folder\nfind \"*\" -> result: 2 files", "", ""},
		"a click without effect":  {`click button "A" -> unchanged`, contracts.ReasonNoEffect, `click button "A" had no effect`},
		"text without effect":     {`type "a" -> unchanged`, contracts.ReasonNoEffect, "had no effect"},
		"an application":          {`open "editor" -> unchanged`, contracts.ReasonNoEffect, "had no effect"},
		"no effect, looked again": {"click button \"A\" -> unchanged\nwait 1 -> unchanged", "", ""},
		"error, then no effect":   {"type \"a\" -> error: no focus\nclick button \"A\" -> unchanged\nwait 1 -> unchanged", contracts.ReasonHands, "no focus"},
		"a shortcut":              {`key ctrl+s -> unchanged`, "", ""},
		"a shortcut, again":       {"key ctrl+s -> unchanged\nkey ctrl+s -> unchanged", contracts.ReasonNoEffect, "key ctrl+s had no effect"},
		"a key":                   {`key enter -> unchanged`, contracts.ReasonNoEffect, "had no effect"},
		"a capital letter":        {`key shift+a -> unchanged`, contracts.ReasonNoEffect, "had no effect"},
		"only looked":             {"scroll down 3 -> unchanged\nhover button \"A\" -> unchanged\nwait 1 -> unchanged", "", ""},
		"forbidden":               {`click button "A" -> forbidden: it is forbidden: a region`, contracts.ReasonDenied, "a region"},
		"forbidden, looked again": {"click button \"A\" -> forbidden: a region\nwait 1 -> changed", contracts.ReasonDenied, "a region"},
		"forbidden, another way":  {"click button \"A\" -> forbidden: a region\nkey enter -> changed", "", ""},
		"a dry run":               {`type "a" -> dry: dry run: it was not done`, "", ""},
		"in doubt":                {`click button "A" -> error: in doubt`, contracts.ReasonInDoubt, `in doubt whether click button "A" was done`},
		"in doubt, looked again":  {"open \"editor\" -> error: in doubt\nwait 1 -> unchanged", "", ""},
		"text in doubt":           {"type \"abc\" -> error: in doubt: 1 of 3 characters were typed\nwait 1 -> unchanged", contracts.ReasonHands, "1 of 3 characters"},
		"what was seen that day":  {"open \"editor\" -> error: in doubt\ntype \"hello\" -> error: no window has the focus", contracts.ReasonHands, `type "hello"`},
		"an error, then focus":    {"type \"a\" -> error: no focus\nclick field \"\" -> changed focus", contracts.ReasonHands, "no focus"},
		"only focus":              {`click field "" -> changed focus`, "", ""},
		"a picture":               {"type \"a\" -> error: no focus\nscreenshot \"Desktop/a\" -> result: Desktop/a.png", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tk := &task{}
			for line := range strings.Lines(tt.steps) {
				said, came, _ := strings.Cut(strings.TrimSpace(line), " -> ")
				outcome, result, _ := strings.Cut(came, ": ")
				outcome, effect, _ := strings.Cut(outcome, " ")
				a, err := action.Parse(said)
				if err != nil {
					t.Fatal(err)
				}
				tk.steps = append(tk.steps, contracts.TaskStep{Action: a, Outcome: contracts.Outcome(outcome), Result: result, Effect: contracts.Effect(effect)})
			}
			why, code := tk.unfinished()
			if code != tt.want || !strings.Contains(why, tt.why) || (why == "") != (code == "") {
				t.Errorf("it is unfinished for %q (%s), want %q (%s)", why, code, tt.why, tt.want)
			}
		})
	}
}
