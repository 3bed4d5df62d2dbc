package registry

import (
	"fmt"
	"time"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

// The ways in which a new version comes into use.
const (
	RolloutDirect = "direct" // at once
	RolloutCanary = "canary" // compared with the champion on a tenth of the tasks, then on half
	RolloutAB     = "ab"     // compared on half of the tasks
	RolloutTrial  = "trial"  // compared on half of the tasks until there are some ratings, when the better one stays
)

// Rollout is how a new version comes into use, as a person sets it.
type Rollout struct {
	Way string
	// Settle is how long a rating can be changed before it counts.
	Settle time.Duration
	// TrialRatings are the ratings, of both versions, that a trial takes; a quarter of them at
	// least of each.
	TrialRatings int
}

// Plan is how versions are compared: nil for RolloutDirect.
func (r Rollout) Plan() (*experiment.Plan, error) {
	var plan experiment.Plan
	switch r.Way {
	case RolloutDirect:
		return nil, nil //nolint:nilnil // Options.Plan is nil for no comparison
	case RolloutCanary:
		plan = experiment.Canary()
	case RolloutAB:
		plan = experiment.AB()
	case RolloutTrial:
		plan = experiment.Trial()
		plan.Commit = &experiment.Commit{Ratings: r.TrialRatings, Least: max(1, r.TrialRatings/4)}
	default:
		return nil, fmt.Errorf("rollout: %q is no way to bring a version into use, want %s, %s, %s or %s",
			r.Way, RolloutDirect, RolloutCanary, RolloutAB, RolloutTrial)
	}
	plan.Settle = r.Settle
	if err := plan.Validate(); err != nil {
		return nil, fmt.Errorf("rollout: %w", err)
	}
	return &plan, nil
}
