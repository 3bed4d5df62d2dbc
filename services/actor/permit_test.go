package actor_test

import (
	"context"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/scripted"
)

// audited fails the test unless these are the first decisions of all tasks, each as
// action, rule, verdict and by whom.
func (h *house) audited(want ...string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), limit)
	defer cancel()
	var list []string
	err := h.bus.Watch(ctx, contracts.StreamAudit, nil, bus.FromStart(), func(m bus.Message) error {
		e := decode[contracts.AuditEntry](h.t, m.Data)
		if e.Time.IsZero() || e.Action == "" || e.Class == "" || e.SessionID == "" || e.Desktop != "main" || e.Frame.Image.SHA256 == "" {
			h.t.Errorf("the entry is %+v", e)
		}
		list = append(list, strings.Join([]string{e.Action, e.Rule, string(e.Verdict), e.By}, ", "))
		if len(list) == len(want) {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		h.t.Fatalf("%v after %q", err, list)
	}
	if !slices.Equal(list, want) {
		h.t.Errorf("the decisions were\n%s\nwant\n%s", strings.Join(list, "\n"), strings.Join(want, "\n"))
	}
}

// What is forbidden is refused with a sentence that the planner sees, and the
// task goes on.
func TestForbidden(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	h.desktop.Focus(true)
	at := h.desktop.PlaceOf("Bold")
	h.config.Policy.Regions = []actor.Region{{Name: "toolbar", Area: image.Rect(at.X-5, at.Y-5, at.X+5, at.Y+5)}}
	var told []prompt.Done
	h.planner = scripted.New(func(s prompt.State) (action.Action, error) {
		told = s.Done
		return action.Parse([]string{`click button "Bold"`, `type "x"`, `done`}[len(s.Done)])
	})
	h.start()
	h.ask(`{"task": "x", "id": "t"}`)
	h.completed()
	step := h.steps()[0]
	if step.Outcome != contracts.OutcomeForbidden || !strings.Contains(step.Result, `the region "toolbar"`) || step.Rule != "changes" {
		t.Errorf("the step was %+v", step)
	}
	if len(told) != 2 || told[0].Result != step.Result {
		t.Errorf("the planner was told %+v", told)
	}
	if s := h.desktop.State(); s.Clicks["Bold"] != 0 || s.Typed != "x" {
		t.Errorf("the desktop was given %+v", s)
	}
	h.audited(
		`click button "Bold", changes, forbidden, policy`, `type (1 characters), changes, allowed, policy`, `done, looks, allowed, policy`,
	)
	if session := h.session(step.SessionID); len(session.Audit) != 3 || session.Audit[0].Verdict != contracts.PolicyForbidden {
		t.Errorf("the session's record has %+v", session.Audit)
	}
}

// A planner that insists on what is forbidden ends the task, and nobody is asked.
func TestForbiddenTwice(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Send"`, `click button "Send"`)
	h.config.Policy.Windows = []actor.WindowPattern{"EDITOR"}
	h.start()
	h.ask(`{"task": "x", "id": "t"}`)
	verb, end := h.ended("t")
	if verb != contracts.VerbFailed || end.Code != contracts.ReasonDenied || !strings.Contains(end.Reason, `the window "a.txt - editor"`) {
		t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason)
	}
	if got := h.verbs("t"); got != "accepted started step*2 failed" {
		t.Errorf("the events were %s", got)
	}
}

// A dry run plans, judges and records, and does nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	for name, dry := range map[string]struct {
		setting bool
		request string
	}{
		"setting": {true, `{"task": "x", "id": "t"}`},
		"request": {false, `{"task": "x", "id": "t", "dry_run": true}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor(), `click field ""`, `type "x"`, `click button "Send"`, `open "editor"`, `screenshot "Desktop/a"`, `find "*"`, `done`)
			h.config.Policy.DryRun = dry.setting
			h.start()
			h.ask(dry.request)
			h.completed()
			for i, step := range h.steps() {
				want := contracts.OutcomeDry
				if i > 4 {
					want = contracts.OutcomeResult
				}
				if step.Outcome != want || strings.Contains(step.Result, "approval") != (i == 2) {
					t.Errorf("step %d was %s: %s", i+1, step.Outcome, step.Result)
				}
			}
			s := h.desktop.State()
			if len(s.Clicks) != 0 || s.Typed != "" || len(s.Opened) != 0 || h.vault.File("Desktop/a.png") != nil {
				t.Errorf("the desktop was given %+v", s)
			}
			if got := h.verbs("t"); got != "accepted started step*7 completed" {
				t.Errorf("the events were %s", got)
			}
		})
	}
}

// In a dry run nothing changes: the same action twice is the end of what can be seen.
func TestDryRunEnds(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Bold"`, `click button "Bold"`)
	h.config.Policy.DryRun = true
	h.start()
	h.ask("x")
	if verb, end := h.ended(""); verb != contracts.VerbFailed || end.Code != contracts.ReasonNoEffect || !strings.Contains(end.Reason, "dry run") {
		t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason)
	}
}

// What a person is asked has all that an answer needs.
func TestApprovalSaysWhy(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Send"`)
	h.start()
	h.ask(`{"task": "x", "id": "t"}`)
	asked := decode[contracts.TaskApproval](t, h.await(contracts.VerbApproval, "t").data)
	place := h.desktop.PlaceOf("Send")
	if asked.Rule != "sending caption" || asked.Words != "send" || asked.Frame == nil || asked.Frame.Width == 0 || len(asked.Boxes) != 1 {
		t.Fatalf("asked %+v", asked)
	}
	if x, y := asked.Boxes[0].Center(); (actor.Point{X: x, Y: y}) != place {
		t.Errorf("the box is %+v, the button is at %v", asked.Boxes[0], place)
	}
	h.approval(contracts.TaskApproval{Step: 1, State: contracts.ApprovalDenied})
	h.ended("t")
	h.audited(
		`click button "Send", sending caption, waiting, policy`, `click button "Send", sending caption, denied, a person`,
	)
}

// A window that came to the front while an approval was waited for.
func TestForbiddenAfterApproval(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Send"`, `done`)
	h.config.Policy.Windows = []actor.WindowPattern{"keepass"}
	h.fronts = make(chan string, 2)
	h.fronts <- "a.txt - editor"
	h.fronts <- "Passwords - KeePassXC"
	h.start()
	h.ask(`{"task": "x", "id": "t"}`)
	h.await(contracts.VerbApproval, "t")
	h.approval(contracts.TaskApproval{Step: 1, State: contracts.ApprovalGranted, By: contracts.ByPage})
	if verb, end := h.ended("t"); verb != contracts.VerbFailed || end.Code != contracts.ReasonDenied || !strings.Contains(end.Reason, "KeePassXC") {
		t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason) // nothing was sent: it is not done
	}
	if step := h.steps()[0]; step.Outcome != contracts.OutcomeForbidden || h.desktop.State().Clicks["Send"] != 0 {
		t.Errorf("the step was %+v", step)
	}
	h.audited(
		`click button "Send", sending caption, waiting, policy`, `click button "Send", sending caption, approved, page`,
		`click button "Send", sending caption, forbidden, policy`,
	)
}

// watched are hands on a desktop of one window, whose title changes.
type watched struct {
	actor.Hands
	titles <-chan string
}

// Windows implements actor.Windows.
func (w watched) Windows(context.Context) ([]actor.Window, error) {
	return []actor.Window{{Titles: []string{<-w.titles}, Area: image.Rect(0, 0, 9999, 9999)}}, nil
}
