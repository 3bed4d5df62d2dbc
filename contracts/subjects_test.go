package contracts_test

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		contracts.SubjectTaskRequested():                                                           "task.requested",
		contracts.SubjectTaskCancel():                                                              "task.cancel",
		contracts.SubjectTask(contracts.VerbStep, "t1"):                                            "task.step.t1",
		contracts.SubjectTaskAll("t1"):                                                             "task.*.t1",
		contracts.SubjectTaskVerb(contracts.VerbCompleted):                                         "task.completed.*",
		contracts.SubjectObservationRequested("main"):                                              "observation.requested.main",
		contracts.SubjectObservationCaptured("main"):                                               "observation.captured.main",
		contracts.SubjectFeedbackSubmitted("t1"):                                                   "feedback.submitted.t1",
		contracts.SubjectFeedbackLow("t1"):                                                         "feedback.low.t1",
		contracts.SubjectFeedbackDeleted("t1"):                                                     "feedback.deleted.t1",
		contracts.SubjectTrainingRequested():                                                       "training.requested",
		contracts.SubjectTraining(contracts.TrainingVerbStarted, "j1"):                             "training.started.j1",
		contracts.SubjectLiveTraining("j1"):                                                        "live.training.j1",
		contracts.SubjectAdapter(contracts.AdapterVerbPublished, contracts.RolePlanner, "lora-v1"): "adapter.published.planner.lora-v1",
		contracts.SubjectAdapterVerb(contracts.AdapterVerbPromoted):                                "adapter.promoted.*.*",
		contracts.SubjectControlStop():                                                             "control.stop",
		contracts.SubjectLiveTask("t1"):                                                            "live.task.t1",
		contracts.SubjectLiveInput("main"):                                                         "live.input.main",
		contracts.SubjectDeadLetter("TASKS", "actor-tasks"):                                        "dlq.TASKS.actor-tasks",
	} {
		if got != want {
			t.Errorf("subject %q, want %q", got, want)
		}
	}
}

func TestParseTaskSubject(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]struct {
		verb   contracts.Verb
		taskID string
		ok     bool
	}{
		"task.step.t1":     {contracts.VerbStep, "t1", true},
		"task.requested":   {},
		"task.step.t1.x":   {},
		"feedback.step.t1": {},
		"":                 {},
	} {
		verb, taskID, ok := contracts.ParseTaskSubject(subject)
		if verb != want.verb || taskID != want.taskID || ok != want.ok {
			t.Errorf("%q: %q, %q, %t; want %+v", subject, verb, taskID, ok, want)
		}
	}
}

func TestVerbEnds(t *testing.T) {
	t.Parallel()
	for verb, want := range map[contracts.Verb]bool{
		contracts.VerbAccepted: false, contracts.VerbStarted: false, contracts.VerbStep: false,
		contracts.VerbApproval: false, contracts.VerbCompleted: true, contracts.VerbFailed: true,
		contracts.VerbCancelled: true, contracts.VerbRejected: true, "": false,
	} {
		if verb.Ends() != want {
			t.Errorf("%q ends a task: %t, want %t", verb, verb.Ends(), want)
		}
	}
}

func TestValidToken(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"main":                   true,
		"session_20251108_14-30": true,
		strings.Repeat("x", 128): true,
		strings.Repeat("x", 129): false,
		"":                       false,
		"a.b":                    false,
		"*":                      false,
		">":                      false,
		"a b":                    false,
		"a\nb":                   false,
		"ä":                      false,
		"\xff":                   false,
	} {
		if got := contracts.ValidToken(s); got != want {
			t.Errorf("%q is valid: %t, want %t", s, got, want)
		}
	}
}

func TestMatchSubject(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, subject string
		want             bool
	}{
		{"task.requested", "task.requested", true},
		{"task.requested", "task.requested.x", false},
		{"task.requested.x", "task.requested", false},
		{"task.*.t1", "task.step.t1", true},
		{"task.*.t1", "task.step.t2", false},
		{"task.*", "task", false},
		{"task.>", "task.step.t1", true},
		{"task.>", "task.cancel", true},
		{"task.>", "task", false},
		{"task.>", "tasks.x", false},
		{">", "anything.at.all", true},
	} {
		if got := contracts.MatchSubject(c.pattern, c.subject); got != c.want {
			t.Errorf("%q fits %q: %t, want %t", c.subject, c.pattern, got, c.want)
		}
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"task.requested":         "task.requested",
		"task.step.t1":           "task.step",
		"observation.captured.m": "observation.captured",
		"dlq.TASKS.actor-tasks":  "dlq",
		"live.input.main":        "live.input",
		"live.task.t1":           "live.task",
		"adapter.promoted.a.1":   "adapter.promoted", // of a service that is to come
		"something":              "something",
		"":                       "",
	} {
		if got := contracts.KindOf(subject); got != want {
			t.Errorf("%q carries %q, want %q", subject, got, want)
		}
	}
}
