package registry_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

func TestARolloutHasItsPlan(t *testing.T) {
	t.Parallel()
	r := registry.Rollout{Way: registry.RolloutTrial, Settle: time.Minute, TrialRatings: 30}
	plan, err := r.Plan()
	if err != nil || plan.Share != 0.5 || plan.Settle != time.Minute || *plan.Commit != (experiment.Commit{Ratings: 30, Least: 7}) {
		t.Errorf("%+v, %v", plan, err)
	}
	r.Way = registry.RolloutCanary
	if plan, err := r.Plan(); err != nil || plan.Share != 0.1 || plan.Settle != time.Minute || plan.Commit != nil {
		t.Errorf("%+v, %v", plan, err)
	}
	r.Way = registry.RolloutDirect
	if plan, err := r.Plan(); err != nil || plan != nil {
		t.Errorf("%+v, %v", plan, err)
	}
	for part, r := range map[string]registry.Rollout{
		"blue":           {Way: "blue", TrialRatings: 40},
		"commit.ratings": {Way: registry.RolloutTrial, TrialRatings: 1},
		"settle":         {Way: registry.RolloutAB, Settle: -time.Second},
	} {
		if _, err := r.Plan(); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// What the test cannot tell, a trial decides when it is over, and says so.
func TestATrialEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stars  map[string]int
		verb   contracts.AdapterVerb
		n      int // of the events with that verb
		states []string
		why    string
	}{
		"a tie":     {map[string]int{"lora-v1": 3, "lora-v2": 3}, contracts.AdapterVerbPromoted, 2, []string{"lora-v1 previous", "lora-v2 champion"}, "it is no worse"},
		"no better": {map[string]int{"lora-v1": 4, "lora-v2": 3}, contracts.AdapterVerbRetired, 1, []string{"lora-v1 champion", "lora-v2 retired"}, "so the champion stays"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.compared(comparing(func(o *registry.Options) { o.Plan.Commit = &experiment.Commit{Ratings: 10, Least: 2} }))
			if s := w.experiment(""); !strings.Contains(s.Decision.Why, "after 10 ratings the better version stays, 0 are there") {
				t.Errorf("%+v", s.Decision)
			}
			w.work("trial", 30, c.stars)
			w.states(c.states...)
			ended := w.decided(c.verb, c.n)
			if ended.Version != "lora-v2" || ended.By != "auto" || !strings.Contains(ended.Why, "the trial is over after 1") || !strings.Contains(ended.Why, c.why) {
				t.Errorf("%+v", ended)
			}
			if s := w.experiment(""); s.Decision.Why != ended.Why || s.Experiment.Decision == nil {
				t.Errorf("%+v", s.Decision)
			}
		})
	}
}
