package simulation

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

// Rule decides an experiment. experiment.Analysis is one.
type Rule interface {
	Success(arm experiment.Arm, share float64, ok bool)
	Stars(arm experiment.Arm, share float64, stars int)
	// Share is the challenger's share of the sessions from now on.
	Share() float64
	Outcome() experiment.Outcome
}

// Result is how often a rule came to which outcome.
type Result struct {
	Runs       int `json:"runs"`
	Promoted   int `json:"promoted"`
	RolledBack int `json:"rolled_back"`
	Undecided  int `json:"undecided"` // within the limit of sessions

	sessions map[experiment.Outcome][]int // of the challenger's arm
}

// Decided is the share of the runs that were promoted or rolled back.
func (r Result) Decided() float64 { return float64(r.Promoted+r.RolledBack) / float64(r.Runs) }

// Quantile returns the sessions of the challenger's arm within which a share q of all runs
// came to an outcome; ok is false when fewer did.
func (r Result) Quantile(o experiment.Outcome, q float64) (sessions int, ok bool) {
	ordered := slices.Sorted(slices.Values(r.sessions[o]))
	i := int(q * float64(r.Runs))
	if i >= len(ordered) {
		return 0, false
	}
	return ordered[i], true
}

// Run draws experiments of at most limit sessions and has a new rule decide each. The
// same seed draws the same ones. It ends early, with an error, only when ctx does.
func Run(ctx context.Context, w World, rule func() Rule, limit, runs int, seed uint64) (Result, error) {
	result := Result{Runs: runs, sessions: map[experiment.Outcome][]int{}}
	for run := range runs {
		if ctx.Err() != nil {
			return result, context.Cause(ctx)
		}
		// Every run has a stream of its own: how long one takes changes none of the others.
		r := rand.New(rand.NewPCG(seed, uint64(run)))
		outcome, sessions := play(r, w, rule(), limit)
		switch outcome {
		case experiment.Promote:
			result.Promoted++
		case experiment.Rollback:
			result.RolledBack++
		default:
			result.Undecided++
		}
		result.sessions[outcome] = append(result.sessions[outcome], sessions)
	}
	return result, nil
}

// play plays one experiment and returns how it ended, after how many sessions of the
// challenger's arm.
func play(r *rand.Rand, w World, rule Rule, limit int) (outcome experiment.Outcome, sessions int) {
	for i := 0; i < limit && rule.Outcome() == experiment.Hold; i++ {
		share := rule.Share()
		d := w.draw(r, i, limit, share)
		if d.arm == experiment.Challenger {
			sessions++
		}
		rule.Success(d.arm, share, d.success)
		if d.stars > 0 {
			rule.Stars(d.arm, share, d.stars)
		}
	}
	return rule.Outcome(), sessions
}
