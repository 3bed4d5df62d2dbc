package actor_test

import (
	"context"
	"fmt"
	"image"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
)

// insistent says the first of its actions that it may, as a model does that is sure
// of what it wants.
type insistent struct {
	actor.Planner
	wants func(n int) []string // by the number of steps that are over

	mu   sync.Mutex
	told []actor.Constraint
}

func (p *insistent) Plan(_ context.Context, state prompt.State, may actor.Constraint) (actor.Decision, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, may)
	for _, text := range p.wants(len(state.Done)) {
		a, err := action.Parse(text)
		if err != nil {
			return actor.Decision{}, err
		}
		if may.Check(state, a) == nil {
			return actor.Decision{Action: a, Confidence: 1, Text: text}, nil
		}
	}
	return actor.Decision{}, fmt.Errorf("%w: it wants nothing else", actor.ErrNoPlan)
}

func same(texts ...string) func(int) []string { return func(int) []string { return texts } }

// inTurn wants one action after the other, again and again; when it may not, the
// last ones.
func inTurn(turns int, texts ...string) func(int) []string {
	return func(n int) []string { return append([]string{texts[n%turns]}, texts[turns:]...) }
}

func fields() screen.Screen {
	return screen.Screen{Title: "two fields", Elements: []screen.Element{
		{Kind: screen.Field}, {Kind: screen.Field}, {Kind: screen.Button, Text: "Bold"}, {Kind: screen.Text, Text: "a label"},
	}}
}

// What comes to nothing twice on one screen, or goes round in a circle, is not said
// a third time: another plan is made, and when that shows nothing new either, the
// task ends with what was tried. What shows something new each time goes on.
func TestLoops(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wants   func(int) []string
		prepare func(*house)
		verb    contracts.Verb
		code    contracts.Reason
		reason  []string
		steps   string
	}{
		"another plan helps": {
			wants: same(`click text "a label"`, `click button "Bold"`), prepare: endsAfter("Bold"), code: contracts.ReasonGaveUp,
			steps: `click text "a label", click text "a label", click button "Bold", fail "pressed"`,
		},
		"another plan does not help": {
			wants: same(`rightclick text "a label"`, `key ctrl+s`, `done`), prepare: focusFirst, code: contracts.ReasonNoEffect,
			reason: []string{`rightclick text "a label" (2 times, no effect), key ctrl+s (no effect)`},
			steps:  `rightclick text "a label", rightclick text "a label", key ctrl+s`,
		},
		"no other plan": {
			wants: same(`rightclick text "a label"`), code: contracts.ReasonNoEffect,
			reason: []string{`rightclick text "a label" (2 times, no effect)`, "no other plan"},
			steps:  `rightclick text "a label", rightclick text "a label"`,
		},
		"not in a row": {
			wants: inTurn(2, `rightclick text "a label"`, `wait 1`, `hover button "Bold"`), code: contracts.ReasonNoEffect,
			reason: []string{`rightclick text "a label" (2 times`, `wait 1`, `hover button "Bold"`},
			steps:  `rightclick text "a label", wait 1, rightclick text "a label", hover button "Bold"`,
		},
		"to and fro": {
			wants: inTurn(2, `click field "" #1`, `click field "" #2`, `wait 1`), code: contracts.ReasonNoEffect,
			reason: []string{`click field "" #2 (2 times)`, `click field "" #1`, `wait 1 (no effect)`},
			steps:  `click field "" #1, click field "" #2, click field "" #1, click field "" #2, wait 1`,
		},
		"to and fro beside a spinner": {
			wants: inTurn(2, `click field "" #1`, `click field "" #2`, `wait 1`), code: contracts.ReasonNoEffect,
			prepare: func(h *house) { h.desktop.Spin(image.Rect(600, 400, 640, 440)) },
			steps:   `click field "" #1, click field "" #2, click field "" #1, click field "" #2, wait 1`,
		},
		"round in a circle of three": {
			wants: inTurn(3, `click field "" #1`, `click field "" #2`, `hover button "Bold"`, `wait 1`), code: contracts.ReasonNoEffect,
			steps: `click field "" #1, click field "" #2, hover button "Bold", click field "" #1, click field "" #2, wait 1`,
		},
		"the same error": {
			wants: same(`type "a"`, `rightclick text "a label"`, `done`), code: contracts.ReasonNoEffect,
			reason: []string{`type "a" (2 times, no window has the focus`, `rightclick`},
			steps:  `type "a", type "a", rightclick text "a label"`,
		},
		"the same result": {
			wants: same(`find "*"`, `wait 1`), code: contracts.ReasonNoEffect,
			steps: `find "*", find "*", wait 1`,
		},
		"text, again and again": {
			wants: same(`type "a"`), prepare: func(h *house) { focusFirst(h); h.config.MaxSteps = 6 }, code: contracts.ReasonSteps,
			steps: `type "a", type "a", type "a", type "a", type "a", type "a"`,
		},
		"keys, again and again": {
			wants: same(`key a`), prepare: func(h *house) { focusFirst(h); h.config.MaxSteps = 5 }, code: contracts.ReasonSteps,
			steps: `key a, key a, key a, key a, key a`,
		},
		"scrolling on": {
			wants: same(`scroll down 3`), prepare: func(h *house) { h.config.MaxSteps = 5 }, code: contracts.ReasonSteps,
			steps: `scroll down 3, scroll down 3, scroll down 3, scroll down 3, scroll down 3`,
		},
		"scrolling down and up": {
			wants: func(n int) []string {
				return []string{[]string{`scroll down 3`, `scroll down 3`, `scroll up 3`, `scroll up 3`, `scroll down 3`, `click button "Bold"`, `done`}[n]}
			},
			verb:  contracts.VerbCompleted,
			steps: `scroll down 3, scroll down 3, scroll up 3, scroll up 3, scroll down 3, click button "Bold", done`,
		},
		"a dry run": {
			wants: func(n int) []string {
				return []string{[]string{`click field "" #1`, `type "a"`, `click field "" #2`, `type "a"`, `done`}[n]}
			},
			prepare: func(h *house) { h.config.Policy.DryRun = true }, verb: contracts.VerbCompleted,
			steps: `click field "" #1, type "a", click field "" #2, type "a", done`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, fields())
			p := &insistent{Planner: always(), wants: tt.wants}
			h.planner = p
			if tt.prepare != nil {
				tt.prepare(h)
			}
			if tt.verb == "" {
				tt.verb = contracts.VerbFailed
			}
			h.start()
			h.ask("do it")
			verb, end := h.ended("")
			if verb != tt.verb || end.Code != tt.code {
				t.Errorf("the task was %s (%s: %s), want %s (%s)", verb, end.Code, end.Reason, tt.verb, tt.code)
			}
			for _, want := range tt.reason {
				if !strings.Contains(end.Reason, want) {
					t.Errorf("the reason %q does not say %s", end.Reason, want)
				}
			}
			var steps []string
			for _, s := range h.steps() {
				steps = append(steps, s.Action.String())
			}
			if got := strings.Join(steps, ", "); got != tt.steps {
				t.Errorf("the steps were\n%s, want\n%s", got, tt.steps)
			}
		})
	}
}

func focusFirst(h *house) { h.desktop.Focus(true) }

// endsAfter has the planner give up once a button was pressed.
func endsAfter(label string) func(*house) {
	return func(h *house) {
		p := h.planner.(*insistent)
		wants := p.wants
		p.wants = func(n int) []string {
			if h.desktop.State().Clicks[label] > 0 {
				return []string{`fail "pressed"`}
			}
			return wants(n)
		}
	}
}

// A restart in the middle of a circle does not begin it anew: what was tried is
// known from what was written down.
func TestLoopAcrossRestart(t *testing.T) {
	t.Parallel()
	h := build(t, fields())
	planned, hold := make(chan int, 8), make(chan struct{})
	wants := inTurn(2, `click field "" #1`, `click field "" #2`, `wait 1`)
	h.planner = &insistent{Planner: always(), wants: func(n int) []string {
		planned <- n
		if n == 2 {
			<-hold
		}
		return wants(n)
	}}
	stop := h.start()
	h.ask(`{"task": "x", "id": "t"}`)
	for n := range planned {
		if n == 2 {
			break
		}
	}
	done := make(chan struct{})
	go func() { stop(); close(done) }()
	close(hold)
	<-done
	h.start()
	if verb, end := h.ended("t"); verb != contracts.VerbFailed || end.Code != contracts.ReasonNoEffect || end.Steps > 6 {
		t.Errorf("the task was %s (%s: %s) after %d steps", verb, end.Code, end.Reason, end.Steps)
	}
}
