package actor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// approval publishes an event about an approval of the task t.
func (h *house) approval(a contracts.TaskApproval) {
	h.t.Helper()
	a.TaskID = "t"
	if err := h.bus.Publish(h.t.Context(), contracts.SubjectTask(contracts.VerbApproval, a.TaskID), a); err != nil {
		h.t.Fatal(err)
	}
}

func TestApproval(t *testing.T) {
	t.Parallel()
	const id, send = "t", `click button "Send"`
	for name, tt := range map[string]struct {
		early   []contracts.TaskApproval // published before it is asked for
		answers []contracts.TaskApproval
		code    contracts.Reason
		reason  string
		clicks  int
	}{
		"granted":        {answers: []contracts.TaskApproval{{Step: 2, State: contracts.ApprovalGranted}}, clicks: 1},
		"granted, named": {answers: []contracts.TaskApproval{{Step: 2, State: contracts.ApprovalGranted, Action: send}}, clicks: 1},
		"denied": {
			answers: []contracts.TaskApproval{{Step: 2, State: contracts.ApprovalDenied, Reason: "not yet"}},
			code:    contracts.ReasonDenied, reason: "not yet",
		},
		"the first answer counts": {
			answers: []contracts.TaskApproval{{Step: 2, State: contracts.ApprovalDenied}, {Step: 2, State: contracts.ApprovalGranted}},
			code:    contracts.ReasonDenied, reason: "the person denied it",
		},
		"nobody answers":     {code: contracts.ReasonDenied, reason: "nobody answered within 100ms"},
		"for another step":   {answers: []contracts.TaskApproval{{Step: 1, State: contracts.ApprovalGranted}}, code: contracts.ReasonDenied, reason: "nobody answered"},
		"for another action": {answers: []contracts.TaskApproval{{Step: 2, State: contracts.ApprovalGranted, Action: "key enter"}}, code: contracts.ReasonDenied, reason: "nobody answered"},
		"before it was asked for": {
			early: []contracts.TaskApproval{{Step: 2, State: contracts.ApprovalGranted}},
			code:  contracts.ReasonDenied, reason: "nobody answered",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor(), `click field ""`, send, `done`)
			if strings.Contains(tt.reason, "nobody") {
				h.config.ApprovalTimeout = 100 * time.Millisecond
			}
			for _, a := range tt.early {
				h.approval(a)
			}
			h.start()
			h.ask(`{"task": "send it", "id": "` + id + `"}`)
			var asked contracts.TaskApproval
			h.each(func(e event) bool {
				if e.verb != contracts.VerbApproval {
					return false
				}
				asked = decode[contracts.TaskApproval](t, e.data)
				return asked.State == contracts.ApprovalRequested
			})
			if asked.Step != 2 || asked.Action != send || asked.Class != "send" || asked.Expires.IsZero() {
				t.Errorf("asked for %+v", asked)
			}
			for _, a := range tt.answers {
				h.approval(a)
			}
			verb, end := h.ended(id)
			if (verb == contracts.VerbCompleted) != (tt.code == "") || end.Code != tt.code || !strings.Contains(end.Reason, tt.reason) {
				t.Errorf("the task was %s (%s: %s), want (%s: %s)", verb, end.Code, end.Reason, tt.code, tt.reason)
			}
			if got := h.desktop.State().Clicks["Send"]; got != tt.clicks {
				t.Errorf("%d clicks on Send, want %d", got, tt.clicks)
			}
			if tt.code != "" {
				last := h.steps()[1]
				if last.Outcome != contracts.OutcomeRefused || !strings.Contains(last.Result, tt.reason) {
					t.Errorf("the step was %+v", last)
				}
			}
		})
	}
}

// A denial by time is told, so that nobody approves in vain.
func TestApprovalTimeoutIsTold(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Send"`)
	h.config.ApprovalTimeout = 50 * time.Millisecond
	h.start()
	h.ask("send it")
	var states []string
	h.each(func(e event) bool {
		if e.verb == contracts.VerbApproval {
			states = append(states, string(decode[contracts.TaskApproval](t, e.data).State))
		}
		return e.verb.Ends()
	})
	if got := strings.Join(states, " "); got != "requested denied" {
		t.Errorf("the approvals were %s", got)
	}
}
