package experiment

import (
	"fmt"
	"time"
)

// Plan is how an experiment is done. Canary, AB and Trial are complete plans.
type Plan struct {
	// Share is the part of the sessions that the challenger gets at first, and Widened
	// the part once a loss of WidenLoss stars is excluded; both between 0 and 1.
	Share     float64 `json:"share"`
	Widened   float64 `json:"widened"`
	WidenLoss float64 `json:"widen_loss"`
	// SuccessLoss is the loss in the share of successes, 0 to 1, that has to be excluded
	// before a promotion.
	SuccessLoss float64 `json:"success_loss"`
	Levels      Levels  `json:"levels"`
	// Settle is how long a rating can be changed before it counts.
	Settle time.Duration `json:"settle"`
	// MaxSessions and MaxTime end an experiment that nothing has decided.
	MaxSessions int           `json:"max_sessions"`
	MaxTime     time.Duration `json:"max_time"`
	// Commit has the better version stay after some ratings; without one, nil, the
	// champion stays unless something is shown.
	Commit *Commit `json:"commit,omitempty"`
}

// Levels are the probabilities with which each claim may be made, at any time during
// the whole experiment, although it is wrong.
type Levels struct {
	// Better is that of "its stars are better", on which a promotion rests, Worse that of
	// "its stars are worse" and Failing that of "it succeeds less often", either of which
	// rolls back. They are apart because ratings come later than outcomes: what was learned
	// from one cannot be multiplied with the other at any moment.
	Better  float64 `json:"better"`
	Worse   float64 `json:"worse"`
	Failing float64 `json:"failing"`
	// Sound is that of "it does not lose SuccessLoss successes". A promotion needs it beside
	// Better, so it only makes promotions rarer.
	Sound float64 `json:"sound"`
	// Tolerable is that of "it does not lose WidenLoss stars", which decides nothing.
	Tolerable float64 `json:"tolerable"`
}

// Alpha is the most of all experiments without a difference that are decided: the sum
// of what promotes and what rolls back (union bound).
func (l Levels) Alpha() float64 { return l.Better + l.Worse + l.Failing }

// Canary is the default plan: a tenth of the sessions at first, half of them once a loss of one
// star is excluded, and wrong decisions in at most 5 of 100 experiments.
func Canary() Plan {
	return Plan{
		Share: 0.1, Widened: 0.5, WidenLoss: 1, SuccessLoss: 0.15,
		Levels: Levels{Better: 0.025, Worse: 0.0125, Failing: 0.0125, Sound: 0.2, Tolerable: 0.05},
		Settle: 10 * time.Minute, MaxSessions: 1000, MaxTime: 60 * 24 * time.Hour,
	}
}

// AB is the plan in which both arms get half of the sessions from the start.
func AB() Plan {
	p := Canary()
	p.Share = p.Widened
	return p
}

// Trial is the plan in which both arms get half of the sessions, and after 40 ratings the version
// that did better stays: for one person, and a version that passed a gate.
func Trial() Plan {
	p := AB()
	p.Commit = &Commit{Ratings: 40, Least: 10}
	return p
}

// Validate says which setting cannot be used.
func (p Plan) Validate() error {
	for _, f := range []struct {
		name        string
		value       float64
		least, most float64
	}{
		{"share", p.Share, 0, 1},
		{"widened", p.Widened, 0, 1},
		{"widen_loss", p.WidenLoss, 0, 4},
		{"success_loss", p.SuccessLoss, 0, 1},
		{"levels.better", p.Levels.Better, 0, 1},
		{"levels.worse", p.Levels.Worse, 0, 1},
		{"levels.failing", p.Levels.Failing, 0, 1},
		{"levels.sound", p.Levels.Sound, 0, 1},
		{"levels.tolerable", p.Levels.Tolerable, 0, 1},
	} {
		if !(f.value > f.least && f.value < f.most) { // not a number is neither
			return fmt.Errorf("plan: %s is %g, want a number between %g and %g", f.name, f.value, f.least, f.most)
		}
	}
	switch {
	case p.Widened < p.Share:
		return fmt.Errorf("plan: widened is %g, want at least the share %g", p.Widened, p.Share)
	case p.Settle < 0:
		return fmt.Errorf("plan: settle is %s, want none or a time", p.Settle)
	case p.MaxSessions < 1:
		return fmt.Errorf("plan: max_sessions is %d, want 1 or more", p.MaxSessions)
	case p.MaxTime <= 0:
		return fmt.Errorf("plan: max_time is %s, want a time", p.MaxTime)
	case p.Commit != nil:
		return p.Commit.validate()
	}
	return nil
}
