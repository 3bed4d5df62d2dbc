package trainer

import (
	"cmp"
	"slices"

	"github.com/grokputer/grokputer/contracts/prompt"
)

// Kept are at most n of some right steps of well-rated sessions, to measure with what must not be
// unlearned: of each task the newest one, then of each the one before it, and so on, so that a task
// of many steps does not drown the others.
func Kept(good []Example, n int) []Example {
	sorted := slices.Clone(good)
	slices.SortStableFunc(sorted, func(a, b Example) int {
		return cmp.Or(
			cmp.Compare(b.Source.Sequence, a.Source.Sequence),
			// Of one session none goes first by its place: the last steps are unlike the others.
			cmp.Compare(digest(prompt.Render(a.State)), digest(prompt.Render(b.State))))
	})
	before := map[string]int{}
	type dealt struct {
		Example
		round int
	}
	all := make([]dealt, len(sorted))
	for i, e := range sorted {
		task := taskOf(e)
		all[i] = dealt{e, before[task]}
		before[task]++
	}
	slices.SortStableFunc(all, func(a, b dealt) int { return cmp.Compare(a.round, b.round) })
	kept := make([]Example, 0, min(n, len(all)))
	for _, d := range all[:min(n, len(all))] {
		kept = append(kept, d.Example)
	}
	return kept
}
