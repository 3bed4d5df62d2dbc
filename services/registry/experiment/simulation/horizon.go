package simulation

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

// Loss is what a rule costs a person over some sessions, compared with having worked with the
// better version in each of them.
type Loss struct {
	Runs int `json:"runs"`
	// Promoted and RolledBack ended so within the sessions, Kept with the champion kept though nothing
	// was shown. The rest still runs.
	Promoted   int `json:"promoted"`
	RolledBack int `json:"rolled_back"`
	Kept       int `json:"kept"`
	// Median are the sessions of both arms after which half of the runs were decided,
	// nil where fewer were.
	Median *int `json:"median_sessions,omitempty"`
	// Stars are the expected stars that were lost in all sessions together: in each, the mean of
	// the better version less that of the one that worked.
	Stars float64 `json:"stars_lost"`
}

// Lose draws runs of n sessions each. What a rule has decided holds for all sessions after it. It ends
// early, with an error, only when ctx does.
func Lose(ctx context.Context, w World, rule func() Rule, n, runs int, seed uint64) (Loss, error) {
	loss := Loss{Runs: runs}
	var decided []int
	for run := range runs {
		if ctx.Err() != nil {
			return loss, context.Cause(ctx)
		}
		r := rand.New(rand.NewPCG(seed, uint64(run)))
		rule := rule()
		outcome, after, lost := w.spend(r, rule, n)
		loss.Stars += lost / float64(runs)
		switch outcome {
		case experiment.Promote:
			loss.Promoted++
		case experiment.Rollback:
			loss.RolledBack++
		case experiment.Ended:
			loss.Kept++
		default:
			continue
		}
		decided = append(decided, after)
	}
	if slices.Sort(decided); len(decided) > runs/2 {
		loss.Median = &decided[runs/2]
	}
	return loss, nil
}

// spend plays n sessions, and returns what was decided, after how many, and what was lost.
func (w World) spend(r *rand.Rand, rule Rule, n int) (outcome experiment.Outcome, after int, lost float64) {
	for i := range n {
		outcome = rule.Outcome()
		share := 0.0
		switch outcome {
		case experiment.Hold:
			share = rule.Share()
			after++
		case experiment.Promote:
			share = 1
		}
		d := w.draw(r, i, n, share)
		lost += w.lost(d.arm, i, n)
		if outcome != experiment.Hold {
			continue
		}
		rule.Success(d.arm, share, d.success)
		if d.stars > 0 {
			rule.Stars(d.arm, share, d.stars)
		}
	}
	return rule.Outcome(), after, lost
}

// lost is how many stars the better arm is ahead of this one in the i-th of n sessions.
func (w World) lost(arm experiment.Arm, i, n int) float64 {
	champion, challenger := w.Champion[i*len(w.Champion)/n].Mean(), w.Challenger[i*len(w.Challenger)/n].Mean()
	if arm == experiment.Challenger {
		return max(0, champion-challenger)
	}
	return max(0, challenger-champion)
}

// Direct is the rule that promotes at once.
type Direct struct{}

// Success is not looked at.
func (Direct) Success(experiment.Arm, float64, bool) {}

// Stars is not looked at.
func (Direct) Stars(experiment.Arm, float64, int) {}

// Share implements Rule.
func (Direct) Share() float64 { return 1 }

// Outcome implements Rule.
func (Direct) Outcome() experiment.Outcome { return experiment.Promote }
