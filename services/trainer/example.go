package trainer

import (
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// Kinds of examples that come from rated sessions. Every other kind is a family
// of the starter's tasks.
const (
	KindLesson = "lesson" // a step that the person corrected
	KindGood   = "good"   // a step that was right: of a well-rated session, or marked so
)

// Example is one step: all that the planner is told, and what it should say.
type Example struct {
	Kind  string        `json:"kind"`
	State prompt.State  `json:"state"`
	Right action.Action `json:"right"`
	// Source is the rated step that it comes from; nil for a generated one.
	Source *Source `json:"source,omitempty"`
	// Varied is true when the example was made from its source by changing what
	// does not matter.
	Varied bool `json:"varied,omitempty"`
	// HeldOut is true when it is only measured with.
	HeldOut bool `json:"held_out,omitempty"`
}

// Source is a step of a rated session.
type Source struct {
	SessionID string `json:"session_id"`
	TaskID    string `json:"task_id"`
	Step      int    `json:"step"`
	Rating    int    `json:"rating"`
	// Said is what the agent had done there.
	Said action.Action `json:"said"`
}
