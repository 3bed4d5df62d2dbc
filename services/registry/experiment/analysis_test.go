package experiment_test

import (
	"testing"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

func TestTheShareWidensOnceALossIsExcluded(t *testing.T) {
	t.Parallel()
	plan := experiment.Canary()
	a := experiment.NewAnalysis(plan)
	if a.Share() != plan.Share || a.Outcome() != experiment.Hold {
		t.Fatalf("it starts with a share of %g and %s", a.Share(), a.Outcome())
	}
	// A challenger that is as good, every tenth session.
	for i := 0; a.Share() == plan.Share; i++ {
		if i == 400 {
			t.Fatal("after 400 sessions that were alike the share is the same")
		}
		arm := experiment.Champion
		if i%10 == 9 {
			arm = experiment.Challenger
		}
		a.Stars(arm, plan.Share, 4)
	}
	if a.Share() != plan.Widened || a.Outcome() != experiment.Hold {
		t.Errorf("the share is %g and the outcome %s, want %g and %s", a.Share(), a.Outcome(), plan.Widened, experiment.Hold)
	}
}

func TestAChallengerThatFailsDoesNotWiden(t *testing.T) {
	t.Parallel()
	plan := experiment.Canary()
	a := experiment.NewAnalysis(plan)
	for i := 0; a.Outcome() == experiment.Hold; i++ {
		if i == 400 {
			t.Fatal("after 40 sessions with one star nothing is decided")
		}
		arm, stars := experiment.Champion, 4
		if i%10 == 9 {
			arm, stars = experiment.Challenger, 1
		}
		a.Stars(arm, a.Share(), stars)
	}
	if a.Outcome() != experiment.Rollback || a.Share() != plan.Share {
		t.Errorf("it ends with %s at a share of %g, want %s at %g", a.Outcome(), a.Share(), experiment.Rollback, plan.Share)
	}
}

func TestADecisionStays(t *testing.T) {
	t.Parallel()
	a := experiment.NewAnalysis(experiment.AB())
	for a.Outcome() == experiment.Hold {
		a.Stars(experiment.Champion, 0.5, 5)
		a.Stars(experiment.Challenger, 0.5, 1)
	}
	for range 1000 {
		a.Stars(experiment.Champion, 0.5, 1)
		a.Stars(experiment.Challenger, 0.5, 5)
		a.Success(experiment.Champion, 0.5, false)
		a.Success(experiment.Challenger, 0.5, true)
	}
	if a.Outcome() != experiment.Rollback {
		t.Errorf("what was rolled back became %s", a.Outcome())
	}
}
