package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

func TestStepsOf(t *testing.T) {
	t.Parallel()
	if got := stepsOf(nil); got != (Steps{}) {
		t.Errorf("no steps are %+v", got)
	}
	var took []time.Duration
	for i := 11; i > 0; i-- {
		took = append(took, time.Duration(i)*time.Second)
	}
	if got, want := stepsOf(took), (Steps{N: 11, P50: 6, P90: 10}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWholeSteps(t *testing.T) {
	t.Parallel()
	began := time.Unix(0, 0)
	step := func(outcome contracts.Outcome, seconds int) contracts.TaskStep {
		return contracts.TaskStep{Outcome: outcome, Started: began, Ended: began.Add(time.Duration(seconds) * time.Second)}
	}
	got := wholeSteps([]contracts.TaskStep{
		step(contracts.OutcomeChanged, 1), step(contracts.OutcomeResult, 2), step(contracts.OutcomeUnchanged, 3), step(contracts.OutcomeError, 4),
	})
	if want := []time.Duration{time.Second, 3 * time.Second}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
