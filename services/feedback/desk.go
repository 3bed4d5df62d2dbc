package feedback

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/contracts"
)

var (
	// ErrNotFound means that there is no such session, task, step or picture.
	ErrNotFound = errors.New("not found")
	// ErrInvalid means that a rating cannot be taken as it is. The message names what is
	// wrong with it; an *InvalidError says where.
	ErrInvalid = errors.New("the rating cannot be taken")
	// ErrConflict means that the session is in no state for this, such as a rating of one that runs,
	// or an idempotency key that was used for another rating.
	ErrConflict = errors.New("not in this state")
	// ErrUnavailable means that NATS or S3 is away: nothing was stored, and trying again
	// later can help.
	ErrUnavailable = errors.New("the rating cannot be stored now")
)

// InvalidError says which field of a rating cannot be taken, and why. It is an ErrInvalid.
type InvalidError struct {
	Field string // as in the JSON of contracts.Feedback, such as rating or steps[0].corrected_action
	Step  int    // the step that is meant, 0 for none
	Why   string // a sentence
}

// Error implements error.
func (e *InvalidError) Error() string { return e.Field + ": " + e.Why }

// Unwrap makes it an ErrInvalid.
func (e *InvalidError) Unwrap() error { return ErrInvalid }

// Rated is what became of a rating.
type Rated struct {
	Event contracts.FeedbackSubmitted
	// New is false when the very same rating had been taken before.
	New bool
}

// Deleted is what became of a session that was deleted.
type Deleted struct {
	TaskID    string `json:"task_id"`
	SessionID string `json:"session_id"`
	// Objects is how many objects were removed from S3.
	Objects int `json:"objects"`
	// Adapters are the versions that were trained on the session.
	Adapters []string `json:"adapters"`
}

// Answer is what a person says about an action that waits.
type Answer struct {
	ID     string // of the session or of the task
	Step   int    // the step that the person was shown
	Action string // the action that the person was shown; empty for whichever that step has
	Allow  bool
	Reason string
	By     string // where it was said: contracts.ByPage or contracts.ByHTTP
}

// Picture is a screen as PNG.
type Picture struct {
	SHA256 string // names its content, and so serves as its ETag
	PNG    []byte
}

// Desk is what the doors (HTTP, pages) ask of the service. A session is named by its
// session id or its task id. Errors are those of this package, or ctx's.
type Desk interface {
	// List returns the sessions that the filter selects, the newest first.
	List(ctx context.Context, f Filter) ([]Summary, error)
	// Session returns one session with its steps.
	Session(ctx context.Context, id string) (Session, error)
	// Screenshot returns what the screen looked like before a step, from 1; step 0 is
	// the screen as the task left it.
	Screenshot(ctx context.Context, id string, step int) (Picture, error)
	// Rate stores a rating and returns when it cannot be lost any more. key makes a
	// repetition of the same request harmless; it may be empty.
	Rate(ctx context.Context, f contracts.Feedback, key string) (Rated, error)
	// Delete removes what is kept of a session, and leaves a tombstone if it was rated.
	Delete(ctx context.Context, id string) (Deleted, error)
	// Waiting returns the sessions with an action that waits for an answer.
	Waiting(ctx context.Context) ([]Summary, error)
	// Answer stores a person's answer about what a session waits with. The error is an
	// ErrConflict when it does not wait, or waits with another action by now.
	Answer(ctx context.Context, a Answer) (contracts.TaskApproval, error)
	// Stop ends all input on every desktop and cancels what runs, and returns what was
	// stopped. The error is an ErrUnavailable when no actor says that it did.
	Stop(ctx context.Context, reason string) ([]contracts.StopAck, error)
	// Stats sums up the last ratings.
	Stats(ctx context.Context) (Stats, error)
	// Live returns nil while NATS and S3 can be reached and the projection is up to date,
	// else what is missing.
	Live(ctx context.Context) error
}
