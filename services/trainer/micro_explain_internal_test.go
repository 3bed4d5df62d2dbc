package trainer

import (
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// Page by page all steps come, each once.
func TestPage(t *testing.T) {
	t.Parallel()
	const n = 2*maxExplained + 1
	seen, after, pages := 0, 0, 0
	for {
		all := make([]contracts.ExplainedStep, n)
		for i := range all {
			all[i].Example = 3*i + 1
		}
		fit, next := page(all, after)
		for _, s := range fit {
			if s.Example != 3*seen+1 {
				t.Fatalf("step %d is example %d", seen, s.Example)
			}
			seen++
		}
		pages++
		if next == 0 || pages > n {
			break
		}
		after = next
	}
	if seen != n || pages != 3 {
		t.Errorf("%d steps on %d pages, want %d on 3", seen, pages, n)
	}
}
