package contracts

import (
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// TaskRequested asks the agent to do something.
// Subject: task.requested
//
// The same subject takes plain text (the task alone); the actor's ingress
// assigns the ids.
type TaskRequested struct {
	Task    string `json:"task" jsonschema:"minLength=1,maxLength=4000"`
	Desktop string `json:"desktop,omitempty"`
	Session string `json:"session,omitempty"`
	// ID makes a retry of the same request harmless; assigned when empty.
	ID string `json:"id,omitempty"`
	// Adapter is what to plan with, as ParsePins reads it: empty for the champions, a
	// version such as lora-v3, none for the base model alone, or a stack.
	Adapter string `json:"adapter,omitempty"`
	// DryRun has every action planned, judged and recorded, and none done.
	DryRun bool `json:"dry_run,omitempty"`
}

// TaskCancel ends one task.
// Subject: task.cancel
type TaskCancel struct {
	TaskID string `json:"task_id"`
	Reason string `json:"reason,omitempty"`
}

// TaskAccepted says that a request became a task.
// Subject: task.accepted.<task_id>
type TaskAccepted struct {
	TaskID    string `json:"task_id"`
	SessionID string `json:"session_id"`
	Desktop   string `json:"desktop"`
	Task      string `json:"task"`
	// Adapter is what was asked for, empty for the champions.
	Adapter string    `json:"adapter,omitempty"`
	Time    time.Time `json:"time"`
}

// TaskStarted says that the actor has begun to work on the task.
// Subject: task.started.<task_id>
type TaskStarted struct {
	TaskID    string `json:"task_id"`
	SessionID string `json:"session_id"`
	Planner   string `json:"planner"`
	Model     string `json:"model,omitempty"`
	// Adapter is the planner's. Those of other roles are chosen when a step needs them.
	Adapter string    `json:"adapter,omitempty"`
	Time    time.Time `json:"time"`
}

// Outcome is what an action did, as the actor saw it.
type Outcome string

// The outcomes of a step.
const (
	OutcomeChanged   Outcome = "changed"   // the screen is different afterwards
	OutcomeUnchanged Outcome = "unchanged" // it is not
	OutcomeResult    Outcome = "result"    // the action gave a result (find, screenshot, answer)
	OutcomeRefused   Outcome = "refused"   // the person said no
	OutcomeForbidden Outcome = "forbidden" // the policy lets no input go there
	OutcomeDry       Outcome = "dry"       // a dry run: it was judged, and not done
	OutcomeError     Outcome = "error"     // it could not be done
)

// TaskStep is one action with all that led to it and came of it. Its frame is
// the one that the action was planned on.
// Subject: task.step.<task_id>
type TaskStep struct {
	TaskID    string        `json:"task_id"`
	SessionID string        `json:"session_id"`
	Step      int           `json:"step" jsonschema:"minimum=1"`
	Frame     Frame         `json:"frame,omitzero"`
	Title     string        `json:"title"`
	Elements  int           `json:"elements"`
	Action    action.Action `json:"action"`
	Class     string        `json:"class"`
	// Rule is the policy's rule that gave the class, and Words what it went by.
	Rule  string `json:"rule,omitempty"`
	Words string `json:"words,omitempty"`
	// Adapters are those that were asked, in order: the last one's word is the action. There
	// are none where nothing is known of adapters.
	Adapters []RoleVersion `json:"adapters,omitempty"`
	// Confidence is the planner's probability for the action among all that
	// could be said on this screen, 0 to 1.
	Confidence float64 `json:"confidence" jsonschema:"minimum=0,maximum=1"`
	Outcome    Outcome `json:"outcome" jsonschema:"enum=changed,enum=unchanged,enum=result,enum=refused,enum=forbidden,enum=dry,enum=error"`
	// Result is what the action gave (a count, a path) or why it failed.
	Result string `json:"result,omitempty"`
	// Effect is how much of the screen has changed, empty where that was not looked at.
	Effect Effect `json:"effect,omitempty" jsonschema:"enum=nothing,enum=focus,enum=region,enum=window"`
	// Region is the part that has changed, in the pixels of the picture after the
	// action; only with EffectRegion.
	Region *screen.Box `json:"region,omitempty"`
	// Landed is where the pointer was right after a click, in the pointer's
	// coordinates; nil for other actions, and where it was not known.
	Landed *screen.Point `json:"landed,omitempty"`
	// State is exactly what the planner was told. The session's own record leaves it out.
	State   *prompt.State `json:"state,omitempty"`
	Started time.Time     `json:"started"`
	Planned time.Time     `json:"planned"`
	Ended   time.Time     `json:"ended"`
}

// ApprovalState is where an approval stands.
type ApprovalState string

// The states of an approval.
const (
	ApprovalRequested ApprovalState = "requested"
	ApprovalGranted   ApprovalState = "granted"
	ApprovalDenied    ApprovalState = "denied"
)

// TaskApproval asks for, grants or denies one action.
// Subject: task.approval.<task_id>
type TaskApproval struct {
	TaskID string        `json:"task_id"`
	Step   int           `json:"step"`
	State  ApprovalState `json:"state" jsonschema:"enum=requested,enum=granted,enum=denied"`
	Action string        `json:"action,omitempty"`
	Class  string        `json:"class,omitempty"`
	// Rule is the policy's rule that gave the class, and Words what it went by.
	Rule  string `json:"rule,omitempty"`
	Words string `json:"words,omitempty"`
	// Reason is, in a request, why it is asked although it was approved before; in an
	// answer, why it is given.
	Reason  string    `json:"reason,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	// Frame is the screen on which the action was planned, and Boxes are the elements
	// on it that the action names.
	Frame *Frame       `json:"frame,omitempty"`
	Boxes []screen.Box `json:"boxes,omitempty"`
	// By says where the answer was given: command line, page or http; empty in a request.
	By string `json:"by,omitempty"`
}

// AnswerID identifies an answer: saying the same twice counts once. The request is
// told apart by when it expires, for after a crash a step may be asked about again.
func (a TaskApproval) AnswerID() string {
	return fmt.Sprintf("%s-%d-%s-%d", a.TaskID, a.Step, a.State, a.Expires.UnixMilli())
}

// Waits reports whether an answer is waited for at a time.
func (a TaskApproval) Waits(now time.Time) bool {
	return a.State == ApprovalRequested && (a.Expires.IsZero() || now.Before(a.Expires))
}

// TaskEnded is a task's last event.
// Subject: task.completed|failed|cancelled|rejected.<task_id>
type TaskEnded struct {
	TaskID    string `json:"task_id"`
	SessionID string `json:"session_id,omitempty"`
	Task      string `json:"task,omitempty"`
	// Code is one of the Reason constants; empty when completed.
	Code   Reason `json:"code,omitempty"`
	Reason string `json:"reason,omitempty"`
	Answer string `json:"answer,omitempty"`
	Steps  int    `json:"steps"`
	// Adapters are those that were asked, each once, in the order of their first requests.
	Adapters []RoleVersion `json:"adapters,omitempty"`
	// Frame is the last picture of the screen, if there is one.
	Frame *Frame    `json:"frame,omitempty"`
	Time  time.Time `json:"time"`
}

// Reason is a machine-readable cause of a task's end.
type Reason string

// The reasons; TaskEnded.Reason says the same in a sentence.
const (
	ReasonMalformed Reason = "malformed"  // the request is not UTF-8 text or JSON of TaskRequested
	ReasonTooLarge  Reason = "too_large"  // the request is larger than MaxTaskBytes
	ReasonDesktop   Reason = "desktop"    // no such desktop, or it has no display
	ReasonDiskFull  Reason = "disk_full"  // too little space to keep what a task writes
	ReasonNoModel   Reason = "no_model"   // the planner cannot be loaded
	ReasonNoAdapter Reason = "no_adapter" // the adapter that was asked for cannot be had
	ReasonSteps     Reason = "steps"      // the step limit was reached
	ReasonTime      Reason = "time"       // the time limit was reached
	ReasonNoEffect  Reason = "no_effect"  // the same action kept having no effect
	ReasonPlanner   Reason = "planner"    // the planner gave no usable action
	ReasonObserver  Reason = "observer"   // the screen could not be read
	ReasonHands     Reason = "hands"      // the action could not be done
	ReasonGaveUp    Reason = "gave_up"    // the agent said fail
	ReasonAsked     Reason = "asked"      // the agent handed over to the person
	ReasonDenied    Reason = "denied"     // an approval was denied or ran out
	ReasonStopped   Reason = "stopped"    // the person stopped it
	ReasonInDoubt   Reason = "in_doubt"   // a crash left an action in doubt that must not be repeated
	ReasonInternal  Reason = "internal"   // a defect of ours
)

// MaxTaskBytes is the largest body of a task request.
const MaxTaskBytes = 16 << 10

// DefaultDesktop is the desktop of a request that names none.
const DefaultDesktop = "main"

// ControlStop ends all input at once and cancels what runs.
// Subject: control.stop (also answered as a request, with StopAck)
type ControlStop struct {
	Reason string `json:"reason,omitempty"`
}

// StopAck says that input has ended.
type StopAck struct {
	Desktop string `json:"desktop"`
	TaskID  string `json:"task_id,omitempty"` // the task that was cancelled, if one ran
}
