package contracts

import (
	"time"

	"github.com/grokputer/grokputer/contracts/prompt"
)

// ExplainQuery asks the trainer what a version was trained on.
type ExplainQuery struct {
	// Role is RolePlanner when empty.
	Role    Role   `json:"role,omitempty"`
	Version string `json:"version"`
	// Example is the number of one example in the dataset, from 1; 0 asks for the steps.
	Example int `json:"example,omitempty"`
	// After leaves out the steps whose number is not above it: an answer has so many only.
	After int `json:"after,omitempty"`
}

// Explained answers an ExplainQuery.
type Explained struct {
	Version string `json:"version"`
	// Dataset is the file that the version was trained on, Examples how many are in it.
	Dataset  Blob `json:"dataset"`
	Examples int  `json:"examples"`
	// Replay is how many of them are the starter's, HeldOut how many were only measured with.
	Replay  int `json:"replay"`
	HeldOut int `json:"held_out"`
	// Steps are the rated steps that the other examples come from, by their numbers.
	Steps []ExplainedStep `json:"steps,omitempty"`
	// Next is the After that asks for the steps that are left; 0 when there are none.
	Next int `json:"next,omitempty"`
	// Example is the one that was asked for.
	Example *ExplainedExample `json:"example,omitempty"`
}

// ExplainedStep is a rated step that a version learned from.
type ExplainedStep struct {
	// Example is the number of its first example in the dataset, from 1; Variants is how many
	// more were made of it by rules, HeldOut how many of it were only measured with.
	Example  int `json:"example"`
	Variants int `json:"variants"`
	HeldOut  int `json:"held_out"`
	// Kind is lesson for a corrected step, good for a right and bad for a wrong one, or the
	// family of a starter's task.
	Kind      string `json:"kind"`
	SessionID string `json:"session_id,omitempty"`
	TaskID    string `json:"task_id,omitempty"`
	Step      int    `json:"step,omitempty"`
	Rating    int    `json:"rating,omitempty"`
	Task      string `json:"task"`
	// Said is what the agent did, Right what would have been right, each in the action
	// language and empty where that is not known.
	Said  string `json:"said,omitempty"`
	Right string `json:"right,omitempty"`
	// Adapter is the version that said it; zero where that is not known.
	Adapter RoleVersion `json:"adapter,omitzero"`
	// By is who says so: user, session where only the session itself shows it, or starter.
	By string `json:"by"`
	// Basis is by what it is said (correction, mark, approval, stars, session), Reason
	// says it in words, and Weight how sure it is, above 0 and at most 1.
	Basis  string  `json:"basis,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Weight float64 `json:"weight,omitempty"`
	// Rated is when it was said, FeedbackID the rating, and Sequence its event's in the
	// stream FEEDBACK.
	Rated      time.Time `json:"rated,omitzero"`
	FeedbackID string    `json:"feedback_id,omitempty"`
	Sequence   uint64    `json:"sequence,omitempty"`
}

// Who says that a step was right or wrong.
const (
	ByUser    = "user"
	BySession = "session"
	ByStarter = "starter"
)

// ExplainedExample is one example of a dataset.
type ExplainedExample struct {
	ExplainedStep

	// Varied is true when it was made of its step by rules, HeldOut when it was only measured with.
	Varied  bool `json:"varied"`
	HeldOut bool `json:"held_out"`
	// State is all that the planner was told, the screen among it, and Prompt the same
	// in the words that it reads.
	State  prompt.State `json:"state"`
	Prompt string       `json:"prompt"`
}
