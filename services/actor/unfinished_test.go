package actor_test

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// What a kill -9 with a new screen after it led to: the application in doubt, text
// for which no window had the focus, and a planner that says done. That is not
// taken at its word.
func TestDoneAfterErrorIsNotDone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wants [][]string // by step: the first that it may
		verb  contracts.Verb
		code  contracts.Reason
		steps string
	}{
		"it has no other plan": {
			wants: [][]string{{`done`, `answer "all is well"`}}, verb: contracts.VerbFailed, code: contracts.ReasonHands,
			steps: `open "notepad", type "hello"`,
		},
		"it finds a way": {
			wants: [][]string{{`done`, `click field "" #1`}, {`done`, `type "hello"`}, {`done`}}, verb: contracts.VerbCompleted,
			steps: `open "notepad", type "hello", click field "" #1, type "hello", done`,
		},
		"it gives up": {
			wants: [][]string{{`answer "hello"`, `fail "nothing has the focus"`}}, verb: contracts.VerbFailed, code: contracts.ReasonGaveUp,
			steps: `open "notepad", type "hello", fail "nothing has the focus"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, fields())
			p := &insistent{Planner: always(), wants: func(n int) []string {
				return append([][]string{nil, {`type "hello"`}}, tt.wants...)[n]
			}}
			h.planner = p
			h.leave(contracts.PhaseActing, "read", 0, `open "notepad"`)
			h.start()
			verb, end := h.ended("t")
			if verb != tt.verb || end.Code != tt.code {
				t.Errorf("the task was %s (%s: %s), want %s (%s)", verb, end.Code, end.Reason, tt.verb, tt.code)
			}
			if tt.code == contracts.ReasonHands && !strings.Contains(end.Reason, `type "hello" could not be done: no window has the focus`) {
				t.Errorf("the reason is %q", end.Reason)
			}
			var steps []string
			for _, s := range h.steps() {
				steps = append(steps, s.Action.String())
			}
			if got := strings.Join(steps, ", "); got != tt.steps {
				t.Errorf("the steps were %s, want %s", got, tt.steps)
			}
			if told := p.told[len(p.told)-1]; tt.verb == contracts.VerbFailed && !strings.Contains(told.Unfinished, "no window has the focus") {
				t.Errorf("the planner was told %+v", told)
			}
		})
	}
}
