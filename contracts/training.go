package contracts

import (
	"cmp"
	"slices"
	"time"
)

// Trigger is why a training began.
type Trigger string

// The triggers.
const (
	TriggerManual   Trigger = "manual"   // a person asked for it
	TriggerVolume   Trigger = "volume"   // enough sessions were rated since the last training
	TriggerQuality  Trigger = "quality"  // the last ratings are too low
	TriggerSchedule Trigger = "schedule" // its time came, and there was something new to learn
)

// ByPerson reports whether a person asked for the training.
func (t Trigger) ByPerson() bool { return t == TriggerManual }

// TrainingMethod is which losses a training uses.
type TrainingMethod string

// The methods.
const (
	MethodAuto TrainingMethod = "auto" // SFT on what is right, DPO on corrected pairs, KTO where there are wrong steps, too
	MethodSFT  TrainingMethod = "sft"  // what is right is said more often
	MethodDPO  TrainingMethod = "dpo"  // a correction instead of what it corrects; SFT on the rest
	MethodKTO  TrainingMethod = "kto"  // what is right instead of what is wrong, each by itself; SFT on the starter's steps
)

// TrainingMethods returns every method.
func TrainingMethods() []TrainingMethod {
	return []TrainingMethod{MethodAuto, MethodSFT, MethodDPO, MethodKTO}
}

// Valid reports whether m is a known method.
func (m TrainingMethod) Valid() bool { return slices.Contains(TrainingMethods(), m) }

// TrainingRequested asks for a training now.
// Subject: training.requested
type TrainingRequested struct {
	// ID makes a retry of the same request harmless; the message's id when empty.
	ID     string `json:"id,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Dataset is what to learn from instead of the rated sessions: a file as trainings
	// store theirs. It is zero for these.
	Dataset Blob `json:"dataset,omitzero"`
	// Method is the one that the trainer is set to when it is empty.
	Method TrainingMethod `json:"method,omitempty" jsonschema:"enum=auto,enum=sft,enum=dpo,enum=kto"`
	// Role is what the version will be for, RolePlanner when empty. The reader has none.
	Role Role      `json:"role,omitempty" jsonschema:"enum=planner,enum=recovery,enum=action,enum=reader"`
	Time time.Time `json:"time"`
}

// RequestedJob is the id of the job that a TrainingRequested with that id asks for.
func RequestedJob(requestID string) string { return "manual-" + requestID }

// TrainingStarted says that a job has begun, and what it will do.
// Subject: training.started.<job_id>
type TrainingStarted struct {
	JobID string `json:"job_id"`
	// Role is what the version is for, RolePlanner when empty.
	Role    Role   `json:"role,omitempty" jsonschema:"enum=planner,enum=recovery,enum=action,enum=reader"`
	Version string `json:"version"` // that the job will make, such as lora-v3
	// Parent is what it begins from: a version of the role, or of the planner for a role's first.
	Parent  string  `json:"parent,omitempty"`
	Trigger Trigger `json:"trigger" jsonschema:"enum=manual,enum=volume,enum=quality,enum=schedule"`
	Why     string  `json:"why"`
	// Lessons are corrected steps, of which Varied were made of others by rules, Good steps
	// that were right, Bad ones that were wrong, and Replay steps of the starter's sample.
	Lessons int `json:"lessons"`
	Varied  int `json:"varied,omitempty"`
	Good    int `json:"good"`
	Bad     int `json:"bad,omitempty"`
	Replay  int `json:"replay"`
	HeldOut int `json:"held_out"`
	// Method is which losses are used: Supervised examples, Pairs and Judged answers are
	// what SFT, DPO and KTO have to learn from.
	Method     TrainingMethod `json:"method,omitempty" jsonschema:"enum=auto,enum=sft,enum=dpo,enum=kto"`
	Supervised int            `json:"supervised,omitempty"`
	Pairs      int            `json:"pairs,omitempty"`
	Judged     int            `json:"judged,omitempty"`
	// Parameters is how many are trained.
	Parameters int64 `json:"parameters"`
	Steps      int   `json:"steps"`
	Tokens     int   `json:"tokens"` // of one epoch
	// ExpectedSeconds is an estimate, 0 when there is none yet.
	ExpectedSeconds float64   `json:"expected_seconds,omitempty"`
	Time            time.Time `json:"time"`
}

// TrainingCheckpointed says from where a job would go on.
// Subject: training.checkpointed.<job_id>
type TrainingCheckpointed struct {
	JobID string    `json:"job_id"`
	Step  int       `json:"step"`
	Steps int       `json:"steps"`
	Time  time.Time `json:"time"`
}

// TrainingEnded is a job's last event.
// Subject: training.completed|failed|cancelled.<job_id>
type TrainingEnded struct {
	JobID   string `json:"job_id"`
	Version string `json:"version,omitempty"` // that was published
	// Reason is a sentence; empty when completed.
	Reason      string    `json:"reason,omitempty"`
	Steps       int       `json:"steps"`
	Loss        float64   `json:"loss,omitempty"`
	HeldOutLoss float64   `json:"held_out_loss,omitempty"`
	Seconds     float64   `json:"seconds,omitempty"`
	Time        time.Time `json:"time"`
}

// TrainingProgress is a tick of a running job.
// Subject: live.training.<job_id> (not stored)
type TrainingProgress struct {
	JobID   string `json:"job_id"`
	Version string `json:"version"`
	Step    int    `json:"step"`
	Steps   int    `json:"steps"`
	// Loss is the mean per label token of this step, in nats.
	Loss float64 `json:"loss,omitempty"`
	// HeldOutLoss is the last measured one, 0 before the first.
	HeldOutLoss     float64 `json:"held_out_loss,omitempty"`
	TokensPerSecond float64 `json:"tokens_per_second,omitempty"`
	LeftSeconds     float64 `json:"left_seconds,omitempty"`
	// Doing is what the job does besides the steps of its training; empty for these.
	Doing string `json:"doing,omitempty"`
	// Rests is why the job rests now, in a sentence; empty while it goes on.
	Rests string `json:"rests,omitempty"`
}

// JobPhase is how far a training job has come.
type JobPhase string

// The phases, in order; each of the last three ends the job.
const (
	JobDataset   JobPhase = "dataset"   // the examples are being put together
	JobTraining  JobPhase = "training"  // the child process trains
	JobUpload    JobPhase = "upload"    // the adapter goes to S3
	JobPublish   JobPhase = "publish"   // it is in S3, its event not yet stored
	JobCompleted JobPhase = "completed" // the version is published
	JobFailed    JobPhase = "failed"    // no version came of it
	JobCancelled JobPhase = "cancelled" // a person ended it
)

// Ends reports whether the phase is a job's last.
func (p JobPhase) Ends() bool { return p == JobCompleted || p == JobFailed || p == JobCancelled }

// JobState is where a training job stands.
// Bucket: jobs, key <job_id>
type JobState struct {
	JobID string `json:"job_id"`
	// Role is what the version is for, RolePlanner when empty.
	Role    Role     `json:"role,omitempty"`
	Version string   `json:"version"`
	Phase   JobPhase `json:"phase"`
	Trigger Trigger  `json:"trigger"`
	Why     string   `json:"why"`
	// Through is the sequence in the FEEDBACK stream of the last rating that the
	// job knew: the counters begin anew after it.
	Through uint64 `json:"through"`
	// Dataset is the one that was given; zero when it is made of the rated sessions.
	Dataset Blob `json:"dataset,omitzero"`
	// Method is the one that was asked for, empty for the trainer's own.
	Method TrainingMethod `json:"method,omitempty"`
	Parent string         `json:"parent,omitempty"`
	Reason string         `json:"reason,omitempty"` // why it failed
	// Steps is how many optimiser steps it has, 0 until that is told in its event.
	Steps int `json:"steps,omitempty"`
	// Attempts is how often its training process ended before its time.
	Attempts int `json:"attempts,omitempty"`
	// TraceParent goes on with the trace of what caused the job (W3C trace context).
	TraceParent string    `json:"traceparent,omitempty"`
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
}

// For is the role that the job's version is for.
func (j JobState) For() Role { return cmp.Or(j.Role, RolePlanner) }

// TrainingStatus answers trainer.status.
type TrainingStatus struct {
	// Role is the one that was asked about; Job and Progress may be another's.
	Role Role `json:"role,omitempty"`
	// Due says whether a training would begin now by itself, Why the reason for
	// yes or no, in a sentence.
	Due     bool    `json:"due"`
	Why     string  `json:"why"`
	Trigger Trigger `json:"trigger,omitempty"`
	// Held is why a training that is due waits, and Until when that ends by itself,
	// if that is known.
	Held  string    `json:"held,omitempty"`
	Until time.Time `json:"until,omitzero"`

	// Rated is how many sessions were rated since the last training, Window over
	// how many Average is taken, Failures how many since the last training were
	// rated LowRating or less.
	Rated    int     `json:"rated"`
	Window   int     `json:"window"`
	Average  float64 `json:"average"`
	Failures int     `json:"failures"`

	// Lessons is how many corrected steps there are, and Uncorrected the low-rated
	// sessions without one: correcting a step of theirs gives something to learn.
	Lessons     int      `json:"lessons"`
	Uncorrected []string `json:"uncorrected,omitempty"`

	// Weeks are what the wrong steps of rated sessions were put down to, the oldest week
	// first; Unread is how many rated sessions of these weeks are still to be read for that.
	Weeks  []FaultWeek `json:"weeks,omitempty"`
	Unread int         `json:"unread,omitempty"`

	// Failed says that the last job failed, why, and what to do, in a sentence; empty if it
	// did not.
	Failed string `json:"failed,omitempty"`

	// Job is the running or the last job; nil before the first. Progress is there
	// while it trains.
	Job      *JobState         `json:"job,omitempty"`
	Progress *TrainingProgress `json:"progress,omitempty"`
}

// FaultWeek is how many steps that were wrong, or likely so, each part of the agent had
// in the sessions that were rated in a week. Only the plan's train the planner.
type FaultWeek struct {
	Week     string `json:"week"` // ISO 8601, such as 2026-W48
	Sessions int    `json:"sessions"`
	Plan     int    `json:"plan"`    // another action would have been right
	Eyes     int    `json:"eyes"`    // the screen was read wrongly
	Pointer  int    `json:"pointer"` // the pointer did something else
	Waiting  int    `json:"waiting"` // it waited in vain, or went in circles
	Handoff  int    `json:"handoff"` // one part worked on what another no longer had
}
