package job

import (
	"math"
	"slices"

	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// grid is what a search tries: the recipe's learning rate, its half and its double, and, for an
// adapter that begins from the base, each of these with the recipe's rank, half and double.
// The nearer to the recipe, the earlier: of equal ones the first is taken. How many passes over
// the examples are best shows by itself, where the held-out loss is least.
func grid(r trainer.Recipe, fresh bool) []gate.Trial {
	factors := []float64{1, 2, 0.5}
	ranks := []int{0} // the parent's
	if fresh {
		ranks = []int{r.Rank, max(1, r.Rank/2), 2 * r.Rank}
	}
	var trials []gate.Trial
	for _, rank := range ranks {
		for _, f := range factors {
			t := gate.Trial{LearningRate: f * r.LearningRate, Rank: rank}
			same := func(other gate.Trial) bool { return other.LearningRate == t.LearningRate && other.Rank == t.Rank }
			if t.LearningRate <= 1 && !slices.ContainsFunc(trials, same) {
				trials = append(trials, t)
			}
		}
	}
	return trials
}

// recipeOf is a recipe with a trial's settings. Alpha goes with the rank, so that a rank changes
// how much can be learned and not how fast.
func recipeOf(r trainer.Recipe, t gate.Trial) trainer.Recipe {
	if t.Rank > 0 {
		r.Alpha *= float64(t.Rank) / float64(r.Rank)
		r.Rank = t.Rank
	}
	r.LearningRate = t.LearningRate
	return r
}

// rounds says at which steps, of so many, the trials of a search are compared, half of which
// are given up each time, and after which one of them is left.
func rounds(trials, steps, evalEvery int) []int {
	n := int(math.Ceil(math.Log2(float64(trials))))
	length := (steps/(n+1) + evalEvery - 1) / evalEvery * evalEvery // where a loss is measured anyway
	length = max(length, evalEvery)
	var at []int
	for i := range n {
		at = append(at, min(steps, (i+1)*length))
	}
	return at
}

// aside is how many steps the rounds of a search take besides those of the trial that is left.
func (s *search) aside() int {
	steps, n, from := 0, len(s.state.Trials), 0
	for _, until := range rounds(n, s.steps(s.set.items()), s.Recipe.EvalEvery) {
		steps += (n - 1) * (until - from)
		n, from = (n+1)/2, until
	}
	return steps
}
