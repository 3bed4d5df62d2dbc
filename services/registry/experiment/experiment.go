package experiment

import (
	"errors"
	"fmt"
	"time"
)

// Experiment is a comparison of two versions. A new candidate, or another champion, has
// an experiment of its own: what was observed in another one does not count.
type Experiment struct {
	ID         string    `json:"id"`
	Champion   string    `json:"champion"`   // version
	Challenger string    `json:"challenger"` // version
	Plan       Plan      `json:"plan"`
	Started    time.Time `json:"started"`
	// Override is a decision that the data did not make: that of a person, or
	// Ended when a newer challenger came.
	Override *Decision `json:"override,omitempty"`
}

// Validate says what of an experiment cannot be.
func (e Experiment) Validate() error {
	switch {
	case e.ID == "":
		return errors.New("experiment: it has no id")
	case e.Champion == e.Challenger:
		return fmt.Errorf("experiment %s: champion and challenger are the same version %q", e.ID, e.Champion)
	case e.Started.IsZero():
		return fmt.Errorf("experiment %s: it has no start", e.ID)
	}
	if o := e.Override; o != nil && (o.Outcome == Hold || o.Outcome == "" || o.By == "" || o.Why == "" || o.Time.IsZero()) {
		return fmt.Errorf("experiment %s: the override needs an outcome other than %s, who, why and when", e.ID, Hold)
	}
	return e.Plan.Validate()
}

// Standing is what the observations of an experiment come to.
type Standing struct {
	Decision Decision `json:"decision"`
	// Share is the challenger's share of the sessions that are assigned now; 0 after the
	// decision.
	Share      float64 `json:"share"`
	Champion   Tally   `json:"champion"`
	Challenger Tally   `json:"challenger"`
	// Looks are the confidence after each thing that became known, in that order.
	Looks []Look `json:"looks"`
}

// Tally counts the sessions of an arm.
type Tally struct {
	Sessions  int     `json:"sessions"`
	Rated     int     `json:"rated"`
	MeanStars float64 `json:"mean_stars"` // of those rated
	Judged    int     `json:"judged"`     // whose success is known
	Succeeded int     `json:"succeeded"`
}

// Look is what was known at a time.
type Look struct {
	Time     time.Time `json:"time"`
	Session  string    `json:"session"` // of which something became known
	Sessions int       `json:"sessions"`
	// Stars is the effect on stars, Success that on the share of successes. The bounds have the
	// levels on which is decided: a promotion is due when Stars.Low is at least 0 and
	// Success.Low at least minus the plan's SuccessLoss, a rollback when Stars.High or Success.High is at most 0.
	Stars   Interval `json:"stars"`
	Success Interval `json:"success"`
}
