package feedback

import (
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Summary is a session in a list.
type Summary struct {
	SessionID string           `json:"session_id"`
	TaskID    string           `json:"task_id"`
	Desktop   string           `json:"desktop"`
	Task      string           `json:"task"`
	Started   time.Time        `json:"started"`
	Ended     time.Time        `json:"ended,omitzero"`
	Outcome   contracts.Verb   `json:"outcome" doc:"the verb of the task's last event; empty while it runs"`
	Code      contracts.Reason `json:"code,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Answer    string           `json:"answer,omitempty"`
	StepCount int              `json:"step_count"`
	Planner   string           `json:"planner,omitempty"`
	Model     string           `json:"model,omitempty"`
	Adapter   string           `json:"adapter,omitempty"`
	// Waiting is the action that waits for a person's answer, nil when none does.
	Waiting *contracts.TaskApproval `json:"waiting,omitempty"`
	// Rating is nil until the session is rated.
	Rating *Rating `json:"rating,omitempty"`
}

// Rating is the newest rating of a session.
type Rating struct {
	ID        string            `json:"id"`
	Stars     int               `json:"stars" minimum:"1" maximum:"5"`
	Comment   string            `json:"comment,omitempty"`
	Issues    []contracts.Issue `json:"issues,omitempty"`
	Corrected int               `json:"corrected" doc:"how many steps have a corrected action"`
	Time      time.Time         `json:"time"`
}

// Session is a session with its steps.
type Session struct {
	Summary

	// Steps are the steps that are over, with what the person said of them.
	Steps []contracts.BundleStep `json:"steps"`
	// LastFrame is the screen as the task left it.
	LastFrame *contracts.Frame `json:"last_frame,omitempty"`
}

// Filter selects sessions of a list. The zero value selects all.
type Filter struct {
	Failed  bool // that did not complete, or were rated contracts.LowRating or less
	Unrated bool // that have ended and were not rated
	Waiting bool // with an action that waits, or waited, for an answer
	Last    int  // only so many of the newest; 0 is no limit
}

// Stats is how the agent does in its user's eyes.
type Stats struct {
	Sessions int     `json:"sessions" doc:"all that have ended"`
	Rated    int     `json:"rated"`
	Window   int     `json:"window" doc:"over how many of the last rated sessions average is taken, at most 50"`
	Average  float64 `json:"average" doc:"mean stars over the window; 0 when nothing is rated"`
	Failures int     `json:"failures" doc:"sessions in the window rated 3 stars or less"`
	// Stars is how many of the window have 1, 2, 3, 4 and 5 stars.
	Stars  [5]int                  `json:"stars"`
	Issues map[contracts.Issue]int `json:"issues" doc:"how often each issue was named in the window"`
	// Training is what the trainer says: whether a training is due, and why or why
	// not. TrainingError is why it could not be asked.
	Training      *contracts.TrainingStatus `json:"training,omitempty"`
	TrainingError string                    `json:"training_error,omitempty"`
}
