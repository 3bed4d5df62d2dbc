package contracts

import (
	"time"

	"github.com/grokputer/grokputer/contracts/action"
)

// Phase is how far a step has come. A step found in an earlier phase than
// PhasePublished after a crash is in doubt or unfinished.
type Phase string

// The phases of a step, in order.
const (
	PhaseIntent    Phase = "intent"    // the action is decided, nothing was done
	PhaseActing    Phase = "acting"    // input may have reached the desktop
	PhaseDone      Phase = "done"      // the action is over, its event not yet stored
	PhasePublished Phase = "published" // the step's event is stored
)

// JournalEntry is the record of a step that survives a crash.
// Bucket: journal, key <task_id>.<step>
type JournalEntry struct {
	TaskID string        `json:"task_id"`
	Step   int           `json:"step"`
	Phase  Phase         `json:"phase"`
	Action action.Action `json:"action"`
	Class  string        `json:"class"`
	// Typed is how many runes of the action's text are known to have been sent.
	Typed int       `json:"typed,omitempty"`
	Event *TaskStep `json:"event,omitempty"`
	Time  time.Time `json:"time"`
}

// TaskState is where a task stands.
// Bucket: tasks, key <task_id>
type TaskState struct {
	TaskID    string `json:"task_id"`
	SessionID string `json:"session_id"`
	Desktop   string `json:"desktop"`
	Task      string `json:"task"`
	Verb      Verb   `json:"verb"`
	Steps     int    `json:"steps"`
	// Adapter is what was asked for, as ParsePins reads it; empty for the champions.
	Adapter string `json:"adapter,omitempty"`
	// DryRun: no action of it is done.
	DryRun  bool      `json:"dry_run,omitempty"`
	Started time.Time `json:"started"`
	Updated time.Time `json:"updated"`
}
