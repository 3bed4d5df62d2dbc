package schema_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/schema"
	"github.com/grokputer/grokputer/contracts/screen"
)

// samples are, for each kind, an event with every field and one with as few as
// can be.
func samples() map[string][]any {
	now := time.Date(2026, 11, 8, 14, 30, 52, 0, time.UTC)
	frame := contracts.Frame{
		Image: contracts.Blob{Bucket: "b", Key: "k", SHA256: strings.Repeat("0a", 32), Size: 7},
		Width: 1280, Height: 800, Scale: 1, Time: now,
	}
	ended := []any{
		contracts.TaskEnded{
			TaskID: "t", SessionID: "s", Task: "do", Code: contracts.ReasonSteps, Reason: "too many", Answer: "4",
			Steps: 3, Frame: &frame, Time: now,
		},
		contracts.TaskEnded{},
	}
	click := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "Log in", N: 2}}
	seen := screen.Screen{Title: "t", Elements: []screen.Element{{Kind: screen.Field, Confidence: 0.5}}}
	rated := []any{
		contracts.FeedbackSubmitted{
			ID: "i", TaskID: "t", SessionID: "s", Rating: 1, Issues: contracts.Issues(), Outcome: contracts.VerbFailed,
			Steps: 2, Corrected: 1, Model: "m", Adapter: "starter", Bundle: frame.Image, Replaces: "h", Time: now,
		},
		contracts.FeedbackSubmitted{Rating: 5, Bundle: frame.Image},
	}
	trained := []any{
		contracts.TrainingEnded{JobID: "j", Version: "lora-v1", Reason: "r", Steps: 1, Loss: 2, HeldOutLoss: 3, Seconds: 4, Time: now},
		contracts.TrainingEnded{},
	}
	decided := []any{
		contracts.AdapterDecided{
			Role: contracts.RolePlanner, Version: "lora-v1", Champion: "lora-v1", Previous: "starter", By: "auto", Why: "w", Time: now,
		},
		contracts.AdapterDecided{Role: contracts.RoleRecovery},
	}
	return map[string][]any{
		"task.requested": {
			contracts.TaskRequested{Task: "do", Desktop: "main", Session: "s", ID: "i"},
			contracts.TaskRequested{Task: "do"},
		},
		"task.cancel":   {contracts.TaskCancel{TaskID: "t", Reason: "r"}, contracts.TaskCancel{}},
		"task.accepted": {contracts.TaskAccepted{TaskID: "t", Time: now}, contracts.TaskAccepted{}},
		"task.started":  {contracts.TaskStarted{TaskID: "t", Model: "m", Adapter: "a", Time: now}, contracts.TaskStarted{}},
		"task.step": {
			contracts.TaskStep{
				TaskID: "t", Step: 1, Frame: frame, Action: click, Confidence: 1, Outcome: contracts.OutcomeChanged,
				Result: "r", Effect: contracts.EffectRegion, Region: &screen.Box{W: 1}, State: &prompt.State{Task: "do", Screen: seen, Done: []prompt.Done{{Action: "done"}}}, Started: now, Planned: now, Ended: now,
			},
			contracts.TaskStep{Step: 1, Action: click, Outcome: contracts.OutcomeError},
		},
		"task.approval": {
			contracts.TaskApproval{
				TaskID: "t", Step: 1, State: contracts.ApprovalRequested, Action: "done", Rule: "r", Words: "w", Expires: now,
				Frame: &frame, Boxes: []screen.Box{{W: 1}}, By: contracts.ByPage,
			},
			contracts.TaskApproval{State: contracts.ApprovalDenied},
		},
		"audit": {
			contracts.AuditEntry{
				TaskID: "t", SessionID: "s", Desktop: "d", Step: 1, Action: "done", Class: "read", Rule: "looks", Words: "w",
				Frame: frame, Verdict: contracts.PolicyDenied, By: contracts.ByClock, Reason: "r", Time: now,
			},
			contracts.AuditEntry{Step: 1, Verdict: contracts.PolicyAllowed},
		},
		"task.completed": ended,
		"task.failed":    ended,
		"task.cancelled": ended,
		"task.rejected":  ended,
		"observation.requested": {contracts.ObservationRequested{
			ID: "i", StillMS: 300, TimeoutMS: 1000, Mask: []screen.Box{{W: 1}}, MaskSince: &frame.Image, Secrets: []string{"mail"},
		}, contracts.ObservationRequested{}},
		"observation.captured": {
			contracts.ObservationCaptured{RequestID: "i", Frame: frame, Screen: seen, Masked: []screen.Box{{W: 1}}, Moving: []screen.Box{{W: 1}}, Windows: 2},
			contracts.ObservationCaptured{Error: "no display"},
		},
		"feedback.submitted": rated,
		"feedback.low":       rated,
		"feedback.deleted": {
			contracts.FeedbackDeleted{TaskID: "t", SessionID: "s", Adapters: []string{"lora-v1"}, Time: now},
			contracts.FeedbackDeleted{},
		},
		"training.requested": {contracts.TrainingRequested{ID: "i", Reason: "r", Time: now}, contracts.TrainingRequested{}},
		"training.started": {
			contracts.TrainingStarted{
				JobID: "j", Version: "lora-v1", Parent: "starter", Trigger: contracts.TriggerQuality, Why: "w",
				Lessons: 5, Good: 6, Replay: 7, HeldOut: 8, Parameters: 9, Steps: 60, Tokens: 10, ExpectedSeconds: 11, Time: now,
			},
			contracts.TrainingStarted{Trigger: contracts.TriggerManual},
		},
		"training.checkpointed": {contracts.TrainingCheckpointed{JobID: "j", Step: 1, Steps: 2, Time: now}, contracts.TrainingCheckpointed{}},
		"training.completed":    trained,
		"training.failed":       trained,
		"training.cancelled":    trained,
		"adapter.published": {
			contracts.AdapterPublished{
				Role: contracts.RolePlanner, Version: "lora-v1", Parent: "starter", BaseModel: "m", BaseSHA256: strings.Repeat("0b", 32),
				SHA256: frame.Image.SHA256, Files: []contracts.AdapterFile{{Name: "f", Blob: frame.Image}}, Dataset: frame.Image,
				Sessions: []string{"s"}, Tasks: []string{"t"}, JobID: "j", Steps: 1, Loss: 2, HeldOutLoss: 3, ParentLoss: 4, Seconds: 5, Time: now,
			},
			contracts.AdapterPublished{Role: contracts.RolePlanner, Files: []contracts.AdapterFile{}},
		},
		"adapter.canaried":    decided,
		"adapter.promoted":    decided,
		"adapter.rolledback":  decided,
		"adapter.retired":     decided,
		"adapter.rejected":    decided,
		"adapter.protected":   decided,
		"adapter.unprotected": decided,
		"adapter.removed":     decided,
		"live.training": {
			contracts.TrainingProgress{JobID: "j", Version: "lora-v1", Step: 1, Steps: 2, Loss: 3, HeldOutLoss: 4, TokensPerSecond: 5, LeftSeconds: 6},
			contracts.TrainingProgress{},
		},
		"control.stop": {contracts.ControlStop{Reason: "r"}, contracts.ControlStop{}},
		"live.input":   {contracts.StopAck{Desktop: "main", TaskID: "t"}, contracts.StopAck{}},
		"dlq": {
			contracts.DeadLetter{Stream: "TASKS", Header: map[string][]string{"a": {"b"}}, Data: []byte("x"), Time: now},
			contracts.DeadLetter{},
		},
	}
}

// What our own services can publish is valid, and reads back as it was.
func TestEveryEventOfOursIsValid(t *testing.T) {
	t.Parallel()
	events := samples()
	for _, e := range contracts.Events() {
		if len(events[e.Kind]) == 0 {
			t.Errorf("no sample of %s", e.Kind)
		}
		for _, event := range events[e.Kind] {
			body, err := json.Marshal(event)
			if err != nil {
				t.Errorf("%s: %v", e.Kind, err)
			}
			if err := schema.Validate(e.Kind, body); err != nil {
				t.Errorf("%s: %v\n%s", e.Kind, err, body)
			}
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, body, want string }{
		{"task.requested", `{}`, "task"},
		{"task.requested", `{"task": ""}`, "task"},
		{"task.requested", `{"task": 5}`, "task"},
		{"task.requested", `{"task": "` + strings.Repeat("x", 4001) + `"}`, "4,001"},
		{"task.requested", `open the editor`, "not JSON"},
		{"task.requested", `["open"]`, "array"},
		{"task.cancel", `null`, "null"},
		{"observation.requested", `{"id":"i","desktop":"d","still_ms":-1}`, "still_ms"},
		{"observation.captured", `{"request_id":"i","desktop":"d","screen":{"title":"","elements":[{"kind":"gizmo"}]}}`, "/screen/elements/0/kind"},
		{"task.approval", `{"task_id":"t","step":1,"state":"maybe"}`, "state"},
		{"task.accepted", `{"task_id":"t","session_id":"s","desktop":"d","task":"x","time":"yesterday"}`, "time"},
	} {
		err := schema.Validate(c.kind, []byte(c.body))
		if !errors.Is(err, schema.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.60s: %v, want ErrInvalid with %q", c.kind, c.body, err, c.want)
		}
	}
	if err := schema.Validate("no.such", []byte("{}")); !errors.Is(err, schema.ErrUnknownKind) {
		t.Errorf("%v, want ErrUnknownKind", err)
	}
}

func TestFieldsOfNewerPublishersAreAllowed(t *testing.T) {
	t.Parallel()
	if err := schema.Validate("task.requested", []byte(`{"task":"do","priority":"high"}`)); err != nil {
		t.Error(err)
	}
}
