package feedback

import (
	"context"

	"github.com/grokputer/grokputer/contracts"
)

// Record is a session as the projection keeps it, without its steps.
type Record struct {
	Summary

	LastFrame *contracts.Frame `json:"last_frame,omitempty"`
	// TraceParent is the trace of the task's last event (W3C trace context).
	TraceParent string `json:"traceparent,omitempty"`
	// Bundle is where the current rating's bundle lies.
	Bundle contracts.Blob `json:"bundle,omitzero"`
	// Content identifies what the current rating says.
	Content string `json:"content,omitempty"`
	// Sequence orders the ratings: it is that of the current one's event in the
	// FEEDBACK stream, 0 until the projector has seen it.
	Sequence uint64 `json:"sequence,omitempty"`
}

// Store keeps the projection: what the events say, ready to be read. It can be
// thrown away; the events make it anew.
type Store interface {
	// Position is the sequence of the last event of a stream that was applied.
	Position(ctx context.Context, stream string) (uint64, error)
	// Update changes the projection in one transaction and, if stream is not empty,
	// moves its position. Nothing is changed when change returns an error.
	Update(ctx context.Context, stream string, sequence uint64, change func(Tx) error) error
	// View calls read on one state of the projection.
	View(ctx context.Context, read func(Reader) error) error
	// List returns the sessions that the filter selects, the newest first.
	List(ctx context.Context, f Filter) ([]Summary, error)
	// Rated returns the sessions that were rated last, the newest rating first.
	Rated(ctx context.Context, most int) ([]Summary, error)
	// Ended is how many sessions have ended, by their outcome, and RatedCount how many are rated.
	Ended(ctx context.Context) (map[contracts.Verb]int, error)
	RatedCount(ctx context.Context) (int, error)
	// Close ends the use of the store.
	Close() error
}

// Reader reads one state of the projection.
type Reader interface {
	// Record returns the session of a task; ok is false when there is none.
	Record(taskID string) (r Record, ok bool, err error)
	// Find returns the session with that session id or task id; of several with one
	// session id, the newest.
	Find(id string) (r Record, ok bool, err error)
	// Steps returns the steps of a task in order.
	Steps(taskID string) ([]contracts.BundleStep, error)
	// Frames returns the keys of the pictures that only this task shows.
	Frames(taskID string) ([]string, error)
	// Rating returns the rating of a task with that id, of all that it ever had, and what
	// identifies its content.
	Rating(taskID, id string) (e contracts.FeedbackSubmitted, content string, ok bool, err error)
	// Deleted reports whether the session of a task was deleted.
	Deleted(taskID string) (bool, error)
}

// Tx also writes.
type Tx interface {
	Reader
	// Put stores a session in the place of what was known of it.
	Put(r Record) error
	// PutStep stores one step.
	PutStep(taskID string, s contracts.BundleStep) error
	// PutRating stores that a task has had a rating.
	PutRating(e contracts.FeedbackSubmitted, content string) error
	// Delete removes a session with its steps, for good.
	Delete(taskID string) error
}
