package contracts

import (
	"fmt"
	"strings"
)

// Verb is the middle part of a task subject: what happened to the task.
type Verb string

// The verbs of a task's life, in the order in which they can occur. Accepted
// to Approval may be followed by any of the last four, which end the task.
const (
	VerbAccepted  Verb = "accepted"
	VerbStarted   Verb = "started"
	VerbStep      Verb = "step"
	VerbApproval  Verb = "approval"
	VerbCompleted Verb = "completed"
	VerbFailed    Verb = "failed"
	VerbCancelled Verb = "cancelled"
	VerbRejected  Verb = "rejected"
)

// Ends reports whether the verb is a task's last word.
func (v Verb) Ends() bool {
	switch v {
	case VerbCompleted, VerbFailed, VerbCancelled, VerbRejected:
		return true
	default:
		return false
	}
}

// SubjectTaskRequested is task.requested.
// The only subject that also takes plain text and JSON without headers.
func SubjectTaskRequested() string { return "task.requested" }

// SubjectTaskCancel is task.cancel.
func SubjectTaskCancel() string { return "task.cancel" }

// SubjectTask is task.<verb>.<task_id>.
func SubjectTask(verb Verb, taskID string) string {
	return fmt.Sprintf("task.%s.%s", verb, taskID)
}

// SubjectTaskAll is task.*.<task_id>.
func SubjectTaskAll(taskID string) string { return "task.*." + taskID }

// SubjectTaskVerb is task.<verb>.*.
func SubjectTaskVerb(verb Verb) string { return fmt.Sprintf("task.%s.*", verb) }

// ParseTaskSubject splits task.<verb>.<task_id>; ok is false for any other subject.
func ParseTaskSubject(subject string) (verb Verb, taskID string, ok bool) {
	parts := strings.Split(subject, ".")
	if len(parts) != 3 || parts[0] != "task" {
		return "", "", false
	}
	return Verb(parts[1]), parts[2], true
}

// SubjectAudit is audit.<task_id>.
func SubjectAudit(taskID string) string { return "audit." + taskID }

// SubjectObservationRequested is observation.requested.<desktop>.
func SubjectObservationRequested(desktop string) string { return "observation.requested." + desktop }

// SubjectObservationCaptured is observation.captured.<desktop>.
func SubjectObservationCaptured(desktop string) string { return "observation.captured." + desktop }

// SubjectFeedbackSubmitted is feedback.submitted.<task_id>.
func SubjectFeedbackSubmitted(taskID string) string { return "feedback.submitted." + taskID }

// SubjectFeedbackLow is feedback.low.<task_id>.
func SubjectFeedbackLow(taskID string) string { return "feedback.low." + taskID }

// SubjectFeedbackDeleted is feedback.deleted.<task_id>.
func SubjectFeedbackDeleted(taskID string) string { return "feedback.deleted." + taskID }

// SubjectTrainingRequested is training.requested.
func SubjectTrainingRequested() string { return "training.requested" }

// TrainingVerb is the middle part of a training subject: what happened to the job.
type TrainingVerb string

// The verbs of a training job's life.
const (
	TrainingVerbStarted      TrainingVerb = "started"
	TrainingVerbCheckpointed TrainingVerb = "checkpointed"
	TrainingVerbCompleted    TrainingVerb = "completed"
	TrainingVerbFailed       TrainingVerb = "failed"
	TrainingVerbCancelled    TrainingVerb = "cancelled"
)

// SubjectTraining is training.<verb>.<job_id>.
func SubjectTraining(verb TrainingVerb, jobID string) string {
	return fmt.Sprintf("training.%s.%s", verb, jobID)
}

// SubjectLiveTraining is live.training.<job_id>.
// Not stored: progress ticks of a running job.
func SubjectLiveTraining(jobID string) string { return "live.training." + jobID }

// SubjectAdapter is adapter.<verb>.<role>.<version>.
func SubjectAdapter(verb AdapterVerb, role Role, version string) string {
	return fmt.Sprintf("adapter.%s.%s.%s", verb, role, version)
}

// SubjectAdapterVerb is adapter.<verb>.*.*.
func SubjectAdapterVerb(verb AdapterVerb) string { return fmt.Sprintf("adapter.%s.*.*", verb) }

// SubjectControlStop is control.stop.
// Not stored: a stop is for what runs now, and must not be replayed after a restart.
func SubjectControlStop() string { return "control.stop" }

// SubjectLiveTask is live.task.<task_id>.
// Not stored: progress ticks of a running task.
func SubjectLiveTask(taskID string) string { return "live.task." + taskID }

// SubjectLiveInput is live.input.<desktop>.
// Not stored: the actor tells when it stopped input, for whoever asked.
func SubjectLiveInput(desktop string) string { return "live.input." + desktop }

// SubjectDeadLetter is dlq.<stream>.<durable>.
func SubjectDeadLetter(stream, durable string) string {
	return fmt.Sprintf("dlq.%s.%s", stream, durable)
}

// ValidToken reports whether s can stand as one token of a subject: desktops
// and ids are checked with it before a subject is built from them.
func ValidToken(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}
