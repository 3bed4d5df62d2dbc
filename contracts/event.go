package contracts

import "strings"

// Event is one kind of event: where it travels and what its body is.
type Event struct {
	// Kind is the CloudEvents type (header ce-type) and the name of the schema.
	Kind string
	// Subject is the pattern of the subjects that carry it.
	Subject string
	// Body is the zero value of the type that the JSON body holds.
	Body any
}

// Events returns every kind of event that has a body of our own.
func Events() []Event {
	return []Event{
		{Kind: "task.requested", Subject: SubjectTaskRequested(), Body: TaskRequested{}},
		{Kind: "task.cancel", Subject: SubjectTaskCancel(), Body: TaskCancel{}},
		{Kind: "task.accepted", Subject: SubjectTaskVerb(VerbAccepted), Body: TaskAccepted{}},
		{Kind: "task.started", Subject: SubjectTaskVerb(VerbStarted), Body: TaskStarted{}},
		{Kind: "task.step", Subject: SubjectTaskVerb(VerbStep), Body: TaskStep{}},
		{Kind: "task.approval", Subject: SubjectTaskVerb(VerbApproval), Body: TaskApproval{}},
		{Kind: "task.completed", Subject: SubjectTaskVerb(VerbCompleted), Body: TaskEnded{}},
		{Kind: "task.failed", Subject: SubjectTaskVerb(VerbFailed), Body: TaskEnded{}},
		{Kind: "task.cancelled", Subject: SubjectTaskVerb(VerbCancelled), Body: TaskEnded{}},
		{Kind: "task.rejected", Subject: SubjectTaskVerb(VerbRejected), Body: TaskEnded{}},
		{Kind: "audit", Subject: SubjectAudit("*"), Body: AuditEntry{}},
		{Kind: "observation.requested", Subject: SubjectObservationRequested("*"), Body: ObservationRequested{}},
		{Kind: "observation.captured", Subject: SubjectObservationCaptured("*"), Body: ObservationCaptured{}},
		{Kind: "feedback.submitted", Subject: SubjectFeedbackSubmitted("*"), Body: FeedbackSubmitted{}},
		{Kind: "feedback.low", Subject: SubjectFeedbackLow("*"), Body: FeedbackSubmitted{}},
		{Kind: "feedback.deleted", Subject: SubjectFeedbackDeleted("*"), Body: FeedbackDeleted{}},
		{Kind: "training.requested", Subject: SubjectTrainingRequested(), Body: TrainingRequested{}},
		{Kind: "training.started", Subject: SubjectTraining(TrainingVerbStarted, "*"), Body: TrainingStarted{}},
		{Kind: "training.checkpointed", Subject: SubjectTraining(TrainingVerbCheckpointed, "*"), Body: TrainingCheckpointed{}},
		{Kind: "training.completed", Subject: SubjectTraining(TrainingVerbCompleted, "*"), Body: TrainingEnded{}},
		{Kind: "training.failed", Subject: SubjectTraining(TrainingVerbFailed, "*"), Body: TrainingEnded{}},
		{Kind: "training.cancelled", Subject: SubjectTraining(TrainingVerbCancelled, "*"), Body: TrainingEnded{}},
		{Kind: "adapter.published", Subject: SubjectAdapterVerb(AdapterVerbPublished), Body: AdapterPublished{}},
		{Kind: "adapter.canaried", Subject: SubjectAdapterVerb(AdapterVerbCanaried), Body: AdapterDecided{}},
		{Kind: "adapter.promoted", Subject: SubjectAdapterVerb(AdapterVerbPromoted), Body: AdapterDecided{}},
		{Kind: "adapter.rolledback", Subject: SubjectAdapterVerb(AdapterVerbRolledBack), Body: AdapterDecided{}},
		{Kind: "adapter.retired", Subject: SubjectAdapterVerb(AdapterVerbRetired), Body: AdapterDecided{}},
		{Kind: "adapter.rejected", Subject: SubjectAdapterVerb(AdapterVerbRejected), Body: AdapterDecided{}},
		{Kind: "adapter.protected", Subject: SubjectAdapterVerb(AdapterVerbProtected), Body: AdapterDecided{}},
		{Kind: "adapter.unprotected", Subject: SubjectAdapterVerb(AdapterVerbUnprotected), Body: AdapterDecided{}},
		{Kind: "adapter.removed", Subject: SubjectAdapterVerb(AdapterVerbRemoved), Body: AdapterDecided{}},
		{Kind: "control.stop", Subject: SubjectControlStop(), Body: ControlStop{}},
		{Kind: "live.training", Subject: SubjectLiveTraining("*"), Body: TrainingProgress{}},
		{Kind: "live.input", Subject: SubjectLiveInput("*"), Body: StopAck{}},
		{Kind: "dlq", Subject: SubjectDeadLetter("*", "*"), Body: DeadLetter{}},
	}
}

// KindOf returns the kind of event that a subject carries. A subject that no
// event declares has its first two tokens as kind.
func KindOf(subject string) string {
	for _, e := range Events() {
		if MatchSubject(e.Subject, subject) {
			return e.Kind
		}
	}
	tokens := strings.SplitN(subject, ".", 3)
	return strings.Join(tokens[:min(2, len(tokens))], ".")
}

// MatchSubject reports whether a subject fits a pattern, in which * stands for
// one token and a final > for one or more.
func MatchSubject(pattern, subject string) bool {
	want, got := strings.Split(pattern, "."), strings.Split(subject, ".")
	for i, w := range want {
		if w == ">" {
			return i == len(want)-1 && len(got) > i
		}
		if i >= len(got) || w != "*" && w != got[i] {
			return false
		}
	}
	return len(got) == len(want)
}
