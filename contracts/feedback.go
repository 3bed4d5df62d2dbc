package contracts

import (
	"slices"
	"time"

	"github.com/grokputer/grokputer/contracts/action"
)

// Limits of a rating.
const (
	MinRating = 1
	MaxRating = 5
	// LowRating is the highest rating that counts as a failure.
	LowRating = 3
	// GoodRating is the lowest rating of a session whose steps are worth learning.
	GoodRating = 4
	// MaxComment is the most bytes that a comment can have.
	MaxComment = 4000
)

// Issue is what went wrong, in the rater's words.
type Issue string

// The issues, in the order in which they are offered and numbered from 1.
const (
	IssueOCR          Issue = "ocr"          // OCR confidence low / text recognition failed
	IssueWrongAction  Issue = "wrong_action" // wrong action selected / incorrect command
	IssueTimeout      Issue = "timeout"      // timeout / took too long
	IssueCoordination Issue = "coordination" // coordination issue / agents confused
	IssueOther        Issue = "other"
)

// Issues returns every issue, in order.
func Issues() []Issue {
	return []Issue{IssueOCR, IssueWrongAction, IssueTimeout, IssueCoordination, IssueOther}
}

// Valid reports whether i is a known issue.
func (i Issue) Valid() bool { return slices.Contains(Issues(), i) }

// Describe says the issue in a line for a person.
func (i Issue) Describe() string {
	switch i {
	case IssueOCR:
		return "OCR confidence low / text recognition failed"
	case IssueWrongAction:
		return "Wrong action selected / incorrect command"
	case IssueTimeout:
		return "Timeout / took too long"
	case IssueCoordination:
		return "Coordination issue / agents confused"
	case IssueOther:
		return "Other"
	default:
		return string(i)
	}
}

// Verdict is what the rater says of one step.
type Verdict string

// The verdicts.
const (
	VerdictNone  Verdict = ""      // nothing was said
	VerdictRight Verdict = "right" // the action was right on that screen
	VerdictWrong Verdict = "wrong" // it was not
)

// Feedback is a rating as a person gives it: the body of POST /v1/feedback.
// Either TaskID or SessionID names what is rated.
type Feedback struct {
	TaskID    string  `json:"task_id,omitempty"`
	SessionID string  `json:"session_id,omitempty"`
	Rating    int     `json:"rating" jsonschema:"minimum=1,maximum=5"`
	Comment   string  `json:"comment,omitempty" jsonschema:"maxLength=4000"`
	Issues    []Issue `json:"issues,omitempty"`
	// Steps are the steps of which something is said.
	Steps []StepFeedback `json:"steps,omitempty"`
}

// StepFeedback is what is said of one step.
type StepFeedback struct {
	Step    int     `json:"step" jsonschema:"minimum=1"`
	Verdict Verdict `json:"verdict,omitempty"`
	// Corrected is the action that would have been right on that step's screen,
	// in the action language. It makes the verdict wrong.
	Corrected *action.Action `json:"corrected_action,omitempty"`
}

// FeedbackSubmitted says that a session was rated. What the person wrote and what
// the screens showed is in the bundle only, so that deleting the session removes it.
// Subject: feedback.submitted.<task_id>; feedback.low.<task_id> when the rating is LowRating or less.
type FeedbackSubmitted struct {
	ID        string  `json:"id"`
	TaskID    string  `json:"task_id"`
	SessionID string  `json:"session_id"`
	Rating    int     `json:"rating" jsonschema:"minimum=1,maximum=5"`
	Issues    []Issue `json:"issues,omitempty"`
	// Outcome is how the task had ended.
	Outcome Verb `json:"outcome"`
	Steps   int  `json:"steps"`
	// Corrected is how many steps have a corrected action.
	Corrected int    `json:"corrected"`
	Model     string `json:"model,omitempty"`
	Adapter   string `json:"adapter,omitempty"`
	// Adapters are those that were asked in the session, as TaskEnded has them.
	Adapters []RoleVersion `json:"adapters,omitempty"`
	Bundle   Blob          `json:"bundle"`
	// Replaces is the id of the rating that this one takes the place of.
	Replaces string    `json:"replaces,omitempty"`
	Time     time.Time `json:"time"`
}

// FeedbackDeleted is what remains of a rated session that its user deleted: the
// bundle that its ratings point to is gone.
// Subject: feedback.deleted.<task_id>
type FeedbackDeleted struct {
	TaskID    string `json:"task_id"`
	SessionID string `json:"session_id"`
	// Adapters are the versions that were trained on the session.
	Adapters []string  `json:"adapters,omitempty"`
	Time     time.Time `json:"time"`
}
