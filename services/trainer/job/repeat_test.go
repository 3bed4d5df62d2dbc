package job_test

import (
	"fmt"
	"testing"

	"github.com/grokputer/grokputer/services/trainer"
)

// Right steps are trained on as often as corrected ones, when that is set.
func TestRepeatsWhatIsRight(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]int{0: 6, 0.5: 8} {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			t.Parallel()
			a := gated(t, append(four(), good("g0", "get B", "B"), good("g1", "get C", "C"))...)
			a.Recipe.LeaveOut, a.Recipe.MinSteps, a.Recipe.MaxSteps, a.Recipe.GoodShare = 0, 2, 2, share
			_, updates := run(t, a)
			if plan, ok := updates[0].(trainer.Planned); !ok || plan.Supervised != want {
				t.Errorf("the first update is %+v, want %d examples", updates[0], want)
			}
		})
	}
}
