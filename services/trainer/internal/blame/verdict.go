package blame

// Judgement is whether a step was right.
type Judgement string

// The judgements.
const (
	Unjudged Judgement = "unjudged" // nothing is known of it
	Right    Judgement = "right"
	Wrong    Judgement = "wrong"
)

// Fault is the part of the agent to which a wrong step is put down.
type Fault string

// The faults. Only those of the plan train the planner.
const (
	None    Fault = ""        // the step was not wrong, or is not known to be
	Plan    Fault = "plan"    // another action would have been right on what was read
	Eyes    Fault = "eyes"    // what was read is not what was there
	Pointer Fault = "pointer" // the pointer did not do what the action says
	Waiting Fault = "waiting" // it waited in vain, or went in circles
	Handoff Fault = "handoff" // one part worked on what another no longer had: a stale frame, a step in doubt
)

// Faults returns every fault but None, in the order in which they are told.
func Faults() []Fault { return []Fault{Plan, Eyes, Pointer, Waiting, Handoff} }

// Basis is who or what says so.
type Basis string

// The bases, from the surest to the least.
const (
	ByCorrection Basis = "correction" // the person said which action would have been right
	ByMark       Basis = "mark"       // the person marked the step right or wrong
	ByApproval   Basis = "approval"   // the person was asked before the action, and said no
	ByStars      Basis = "stars"      // the person rated the session well, and the step worked
	BySession    Basis = "session"    // the session itself shows it
)

// Verdict is what is known of one step.
type Verdict struct {
	Step      int       `json:"step"`
	Judgement Judgement `json:"judgement"`
	Fault     Fault     `json:"fault,omitempty"`
	// Weight is how sure the judgement and its fault are, above 0 and at most 1;
	// 0 when the step is unjudged.
	Weight float64 `json:"weight,omitempty"`
	Basis  Basis   `json:"basis,omitempty"`
	// Reason says why, in words for a person; empty when the step is unjudged.
	Reason string `json:"reason,omitempty"`
}

// Teaches reports whether a planner may learn from the step: it was right, or the
// plan was at fault.
func (v Verdict) Teaches() bool {
	return v.Judgement == Right || v.Judgement == Wrong && v.Fault == Plan
}
