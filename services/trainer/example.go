package trainer

import (
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// Kinds of examples that come from rated sessions. Every other kind is a family
// of the starter's tasks.
const (
	KindLesson = "lesson" // a step that the person corrected
	KindGood   = "good"   // a step that was right: of a well-rated session, or marked so
	KindBad    = "bad"    // a step that was wrong, of which nobody said what was right
)

// Example is one step: all that the planner is told, and what it should say.
type Example struct {
	Kind  string       `json:"kind"`
	State prompt.State `json:"state"`
	// Right is what the planner should say; zero of KindBad.
	Right action.Action `json:"right,omitzero"`
	// Wrong is what it should not say there: of KindLesson and KindBad; nil else, and where
	// that cannot be said on a variant's screen.
	Wrong *action.Action `json:"wrong,omitempty"`
	// Source is the rated step that it comes from; nil for a generated one.
	Source *Source `json:"source,omitempty"`
	// Varied is true when the example was made from its source by changing what
	// does not matter.
	Varied bool `json:"varied,omitempty"`
	// HeldOut is true when it is only measured with.
	HeldOut bool `json:"held_out,omitempty"`
	// Set is in which of the gate's sets a held-out one is; empty for one by whose loss a
	// training ends.
	Set gate.Name `json:"set,omitempty"`
}

// Source is a step of a rated session, and who said what of it.
type Source struct {
	SessionID string `json:"session_id"`
	TaskID    string `json:"task_id"`
	Step      int    `json:"step"`
	Rating    int    `json:"rating"`
	// Said is what the agent had done there.
	Said action.Action `json:"said"`
	// Adapter is the version that said it; zero where that is not known.
	Adapter contracts.RoleVersion `json:"adapter,omitzero"`
	// FeedbackID is the rating that was learned from, Sequence its event's in the
	// FEEDBACK stream, and Rated when it was given.
	FeedbackID string    `json:"feedback_id,omitempty"`
	Sequence   uint64    `json:"sequence,omitempty"`
	Rated      time.Time `json:"rated,omitzero"`
	// Basis is who or what says that the step was right or wrong: correction, mark,
	// approval, stars, or session where nobody did; Reason says it in words, and Weight
	// how sure it is, above 0 and at most 1.
	Basis  string  `json:"basis,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Weight float64 `json:"weight,omitempty"`
}
