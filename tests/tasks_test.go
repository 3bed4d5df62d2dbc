package tests

import (
	"maps"
	"slices"
	"testing"
)

// The agent does two random tasks of each kind, as its base model and its
// adapter plan them. What counts is what the programs show and the files hold.
func TestTasks(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	flags := planning(t)
	out := h.run(0, append([]string{"bench", "tasks", "-n", "2", "--json"}, flags...)...)
	var report struct {
		Tasks map[string]struct{ N, Success int } `json:"tasks"`
		Mean  float64                             `json:"mean"`
	}
	out.decode(t, &report)
	kinds := slices.Sorted(maps.Keys(report.Tasks))
	if want := []string{"count", "screenshot", "sum", "write"}; !slices.Equal(kinds, want) {
		t.Errorf("the kinds of tasks are %q, want %q", kinds, want)
	}
	for kind, score := range report.Tasks {
		if score.N != 2 || score.Success != 2 {
			t.Errorf("%s: %d of %d, want 2 of 2", kind, score.Success, score.N)
		}
	}
	if report.Mean != 1 || t.Failed() {
		t.Errorf("mean %g, want 1:\n%s", report.Mean, out.text())
	}
	none(t, h)
}
