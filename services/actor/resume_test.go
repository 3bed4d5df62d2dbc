package actor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/actor"
)

// leave stores what an earlier process would have left of task t: steps that are
// over, then one in the given phase.
func (h *house) leave(phase contracts.Phase, class string, typed int, actions ...string) {
	h.t.Helper()
	h.put(contracts.BucketTasks, "t", contracts.TaskState{
		TaskID: "t", SessionID: "s", Desktop: "main", Task: "x", Verb: contracts.VerbStep, Started: time.Now(),
	})
	for i, text := range actions {
		a, err := action.Parse(text)
		if err != nil {
			h.t.Fatal(err)
		}
		entry := contracts.JournalEntry{
			TaskID: "t", Step: i + 1, Phase: contracts.PhasePublished, Action: a, Class: "edit",
			Event: &contracts.TaskStep{TaskID: "t", SessionID: "s", Step: i + 1, Action: a, Class: "edit", Outcome: contracts.OutcomeChanged},
		}
		if i == len(actions)-1 {
			entry.Phase, entry.Class, entry.Typed = phase, class, typed
			entry.Event.Class = class
			if phase == contracts.PhaseActing || phase == contracts.PhaseIntent {
				entry.Event.Outcome = ""
			}
		}
		h.put(contracts.BucketJournal, "t."+string(rune('1'+i)), entry)
	}
}

// did does some strokes of an input, as the earlier process did before it ended.
func (h *house) did(in actor.Input, strokes int) {
	h.t.Helper()
	err := h.desktop.Hands().Do(h.t.Context(), in, func(n int) error {
		if n == strokes {
			return errTest
		}
		return nil
	})
	if err == nil {
		h.t.Fatal("all strokes were done")
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	text := actor.Input{Mark: "t.2", Verb: action.Type, Text: "aaaa bbbb"}
	for name, tt := range map[string]struct {
		phase   contracts.Phase
		class   string
		action  string
		typed   int
		before  func(*house)
		planned []string // what the planner says afterwards
		want    func(*house) string
		verbs   string
		code    contracts.Reason
		results []string // of the steps whose events are published now
	}{
		"after intent": {
			phase: contracts.PhaseIntent, action: `click button "Bold"`, planned: []string{`click button "Bold"`, `done`},
			want: clicks("Bold", 1), verbs: "step*2 completed",
		},
		"acting, nothing sent": {
			phase: contracts.PhaseActing, action: `click button "Bold"`, planned: []string{`click button "Bold"`, `done`},
			want: clicks("Bold", 1), verbs: "step*2 completed",
		},
		"acting, sent": {
			phase: contracts.PhaseActing, action: `click button "Bold"`, planned: []string{`done`},
			before: func(h *house) {
				h.did(actor.Input{Mark: "t.2", Verb: action.Click, At: h.desktop.PlaceOf("Bold")}, 1)
			},
			want: clicks("Bold", 1), verbs: "step*2 completed",
		},
		"typing, cut": {
			phase: contracts.PhaseActing, action: `type "aaaa bbbb"`, typed: 2, planned: []string{`done`},
			before: func(h *house) { h.desktop.Focus(true); h.did(text, 3) },
			want:   holds("aaaa bbbb"), verbs: "step*2 completed",
		},
		"typing, all sent": {
			phase: contracts.PhaseActing, action: `type "aaaa bbbb"`, typed: 8, planned: []string{`done`},
			before: func(h *house) { h.desktop.Focus(true); h.did(text, 9) },
			want:   holds("aaaa bbbb"), verbs: "step*2 completed",
		},
		"typing, focus gone": {
			phase: contracts.PhaseActing, action: `type "aaaa bbbb"`, typed: 3, planned: []string{`click button "Bold"`, `done`},
			before: func(h *house) { h.desktop.Focus(true); h.did(text, 3); h.desktop.Focus(false) },
			want:   holds("aaa"), verbs: "step*3 completed", results: []string{"in doubt: 3 of 9 characters were typed", "", ""},
		},
		"typing, nobody knows": {
			phase: contracts.PhaseActing, action: `type "aaaa bbbb"`, typed: 3, planned: []string{`click button "Bold"`, `done`},
			before: func(h *house) { h.desktop.Focus(true); h.did(text, 3); h.desktop.Forget() },
			want:   holds("aaa"), verbs: "step*3 completed", results: []string{"in doubt: 3 to 4 of 9 characters were typed", "", ""},
		},
		"typing in doubt, then done": {
			phase: contracts.PhaseActing, action: `type "aaaa bbbb"`, typed: 3, planned: []string{`wait 1`, `done`}, code: contracts.ReasonHands,
			before: func(h *house) { h.desktop.Focus(true); h.did(text, 3); h.desktop.Forget() },
			want:   holds("aaa"), verbs: "step*2 failed", results: []string{"in doubt: 3 to 4 of 9 characters were typed", ""},
		},
		"click in doubt, then done": {
			phase: contracts.PhaseActing, action: `click button "Bold"`, planned: []string{`done`}, code: contracts.ReasonInDoubt,
			before: func(h *house) { h.desktop.Forget() },
			want:   clicks("Bold", 0), verbs: "step failed", results: []string{"in doubt"},
		},
		"typing, nobody knows but the journal": {
			phase: contracts.PhaseActing, action: `type "aaaa bbbb"`, typed: 9, planned: []string{`done`},
			before: func(h *house) { h.desktop.Focus(true); h.did(text, 9); h.desktop.Forget() },
			want:   holds("aaaa bbbb"), verbs: "step*2 completed", results: []string{"", ""},
		},
		"click, nobody knows": {
			phase: contracts.PhaseActing, action: `click button "Bold"`, planned: []string{`wait 1`, `done`},
			before: func(h *house) { h.desktop.Forget() },
			want:   clicks("Bold", 0), verbs: "step*3 completed", results: []string{"in doubt", "", ""},
		},
		"drag, cut": {
			phase: contracts.PhaseActing, action: `drag button "Bold" to button "Send"`, planned: []string{`wait 1`, `done`},
			before: func(h *house) { h.did(actor.Input{Mark: "t.2", Verb: action.Drag}, 1) },
			want:   released, verbs: "step*3 completed", results: []string{"in doubt", "", ""},
		},
		"open": {
			phase: contracts.PhaseActing, action: `open "notepad"`, planned: []string{`wait 1`, `done`},
			want: func(h *house) string { return strings.Join(h.desktop.State().Opened, " ") }, verbs: "step*3 completed",
			results: []string{"in doubt", "", ""},
		},
		"find": {
			phase: contracts.PhaseActing, action: `find "*"`, planned: []string{`find "*"`, `done`},
			want: released, verbs: "step*2 completed", results: []string{"0 files", ""},
		},
		"send, granted": {
			phase: contracts.PhaseActing, class: "send", action: `click button "Send"`, planned: []string{`done`},
			before: func(h *house) { h.desktop.Forget(); h.answer(contracts.ApprovalGranted) },
			want:   clicks("Send", 1), verbs: "approval*2 step*3 completed", results: []string{"in doubt", "", ""},
		},
		"send, denied": {
			phase: contracts.PhaseActing, class: "send", action: `click button "Send"`,
			before: func(h *house) { h.desktop.Forget(); h.answer(contracts.ApprovalDenied) },
			want:   clicks("Send", 0), verbs: "approval*2 step failed", code: contracts.ReasonInDoubt,
		},
		"send, sent": {
			phase: contracts.PhaseActing, class: "send", action: `click button "Send"`, planned: []string{`done`},
			before: func(h *house) {
				h.did(actor.Input{Mark: "t.2", Verb: action.Click, At: h.desktop.PlaceOf("Send")}, 1)
			},
			want: clicks("Send", 1), verbs: "step*2 completed",
		},
		"done, not told": {
			phase: contracts.PhaseDone, action: `click button "Bold"`, planned: []string{`done`},
			want: clicks("Bold", 0), verbs: "step*2 completed",
		},
		"done, told": {
			phase: contracts.PhasePublished, action: `click button "Bold"`, planned: []string{`done`},
			want: clicks("Bold", 0), verbs: "step completed",
		},
		"ended, not told": {
			phase: contracts.PhasePublished, action: `done`, verbs: "completed", want: released,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor(), tt.planned...)
			if tt.class == "" {
				tt.class = "edit"
			}
			h.leave(tt.phase, tt.class, tt.typed, `click field ""`, tt.action)
			if tt.before != nil {
				tt.before(h)
			}
			h.start()
			_, end := h.ended("t")
			if got := h.verbs("t"); got != tt.verbs {
				t.Errorf("the events were %s, want %s (%s: %s)", got, tt.verbs, end.Code, end.Reason)
			}
			if got := tt.want(h); got != "" {
				t.Error(got)
			}
			if end.Code != tt.code {
				t.Errorf("the task ended with %s: %s, want %s", end.Code, end.Reason, tt.code)
			}
			steps := h.steps()
			if len(steps) < len(tt.results) {
				t.Fatalf("there were %d steps, want %d", len(steps), len(tt.results))
			}
			for i, want := range tt.results {
				if steps[i].Result != want {
					t.Errorf("the result of step %d is %q, want %q", steps[i].Step, steps[i].Result, want)
				}
			}
			for i := 1; i < len(steps); i++ {
				if steps[i].Step != steps[i-1].Step+1 {
					t.Errorf("step %d follows step %d", steps[i].Step, steps[i-1].Step)
				}
			}
			if got := h.session("s"); len(got.Steps) != end.Steps || got.Outcome == "" {
				t.Errorf("the log is %+v", got)
			}
		})
	}
}

func clicks(label string, want int) func(*house) string {
	return func(h *house) string {
		if got := h.desktop.State().Clicks[label]; got != want {
			return label + " was clicked wrongly often: " + string(rune('0'+got))
		}
		return ""
	}
}

func holds(want string) func(*house) string {
	return func(h *house) string {
		if got := h.desktop.Text(); got != want {
			return "the field holds " + got
		}
		return ""
	}
}

func released(h *house) string {
	if h.desktop.Held() != 0 {
		return "a button is held"
	}
	return ""
}

// answer answers the next request for approval, while the test waits for the end.
func (h *house) answer(state contracts.ApprovalState) {
	done := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	go func() {
		subjects := []string{contracts.SubjectTaskVerb(contracts.VerbApproval)}
		done <- h.bus.Watch(ctx, contracts.StreamTasks, subjects, bus.FromStart(), func(m bus.Message) error {
			a, err := bus.Decode[contracts.TaskApproval](m)
			if err != nil {
				return err
			}
			if !strings.Contains(a.Reason, "in doubt") {
				return fmt.Errorf("the reason for asking is %q", a.Reason)
			}
			a.State = state
			return errors.Join(bus.ErrStop, h.bus.Publish(ctx, m.Subject, a))
		})
	}()
	h.t.Cleanup(func() {
		defer cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
}
