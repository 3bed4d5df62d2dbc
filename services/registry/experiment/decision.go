package experiment

import "time"

// Outcome is how an experiment stands or ended.
type Outcome string

// The outcomes.
const (
	Hold     Outcome = "hold"     // undecided: both arms go on
	Promote  Outcome = "promote"  // the challenger becomes the champion
	Rollback Outcome = "rollback" // the challenger is shown to be worse
	Ended    Outcome = "ended"    // the champion stays: nothing was shown, a trial did not find the challenger as good, or a newer one came
)

// Auto is who decides when nobody does.
const Auto = "auto"

// Decision is an outcome with who decided, and why. A person can decide at any time.
type Decision struct {
	Outcome Outcome   `json:"outcome"`
	By      string    `json:"by"`  // Auto, or a person
	Why     string    `json:"why"` // in a sentence
	Time    time.Time `json:"time"`
}
