package contracts

import (
	"time"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Bundle is all that is known of a rated session, frozen when it was rated: training,
// explanation and replay read it and need nothing that expires. It is a JSON
// object in S3 to which FeedbackSubmitted points; its pictures lie beside it.
type Bundle struct {
	TaskID    string `json:"task_id"`
	SessionID string `json:"session_id"`
	Desktop   string `json:"desktop"`
	Task      string `json:"task"`

	Outcome Verb   `json:"outcome"`
	Code    Reason `json:"code,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Answer  string `json:"answer,omitempty"`

	Planner string `json:"planner"`
	Model   string `json:"model,omitempty"`
	Adapter string `json:"adapter,omitempty"`

	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`

	FeedbackID string    `json:"feedback_id"`
	Rating     int       `json:"rating"`
	Comment    string    `json:"comment,omitempty"`
	Issues     []Issue   `json:"issues,omitempty"`
	Rated      time.Time `json:"rated"`

	Steps []BundleStep `json:"steps"`
	// LastFrame is the screen as the task left it; its Image is the bundle's own copy.
	LastFrame *Frame `json:"last_frame,omitempty"`
}

// BundleStep is one step: what the planner was told, what it said, what came of
// it, and what the person says of it.
type BundleStep struct {
	Step int `json:"step"`
	// State is exactly what the planner was told; its screen has the elements.
	State  prompt.State  `json:"state"`
	Action action.Action `json:"action"`
	// Adapters are those that were asked, in order: the last one's word is the action.
	Adapters   []RoleVersion `json:"adapters,omitempty"`
	Confidence float64       `json:"confidence"`
	Outcome    Outcome       `json:"outcome"`
	Result     string        `json:"result,omitempty"`
	Effect     Effect        `json:"effect,omitempty"`
	Region     *screen.Box   `json:"region,omitempty"`
	Landed     *screen.Point `json:"landed,omitempty"`
	// Frame is the picture of the screen. Its Image is the bundle's own copy, or
	// zero when the picture was gone before the session was rated.
	Frame     Frame          `json:"frame,omitzero"`
	Verdict   Verdict        `json:"verdict,omitempty"`
	Corrected *action.Action `json:"corrected_action,omitempty"`
}
