package experiment_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

func TestAssignGivesTheShare(t *testing.T) {
	t.Parallel()
	const n = 20000
	for _, share := range []float64{0.1, 0.5} {
		got := 0
		for i := range n {
			if experiment.Assign("e1", fmt.Sprint("task-", i), share) == experiment.Challenger {
				got++
			}
		}
		if sd := math.Sqrt(n * share * (1 - share)); math.Abs(float64(got)-n*share) > 4*sd {
			t.Errorf("the challenger gets %d of %d at a share of %g", got, n, share)
		}
	}
}

func TestAssignIsRepeatableAndWidens(t *testing.T) {
	t.Parallel()
	apart := 0
	for i := range 1000 {
		task := fmt.Sprint("task-", i)
		narrow, wide := experiment.Assign("e1", task, 0.1), experiment.Assign("e1", task, 0.5)
		if narrow != experiment.Assign("e1", task, 0.1) {
			t.Fatalf("%s has two arms", task)
		}
		if narrow == experiment.Challenger && wide != experiment.Challenger {
			t.Errorf("%s left the challenger when it was widened", task)
		}
		if wide != experiment.Assign("e2", task, 0.5) {
			apart++
		}
	}
	if apart < 400 || apart > 600 {
		t.Errorf("%d of 1000 tasks have another arm in another experiment, want about half", apart)
	}
}

// The arm of a task is stored nowhere but follows from the hash: it must not change
// from one release to the next.
func ExampleAssign() {
	for _, task := range []string{"t1", "t2", "t3", "t4"} {
		fmt.Println(task, experiment.Assign("e1", task, 0.5))
	}
	// Output:
	// t1 challenger
	// t2 champion
	// t3 challenger
	// t4 challenger
}
