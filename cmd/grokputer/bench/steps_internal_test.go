package bench

import (
	"testing"
	"time"
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
