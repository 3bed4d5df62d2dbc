package generate

import (
	"fmt"
	"math"
)

// choice is the token that was taken, and the natural logarithm of its
// probability among the candidates.
type choice struct {
	id      int32
	stop    bool
	logprob float64
}

// choose returns the candidate with the highest logit; of equals the first, text
// before stops, lower ids before higher.
func choose(logits []float32, allowed *set, stops []int32) (choice, error) {
	best := choice{id: -1}
	top := math.Inf(-1)
	candidates := func(yield func(int32, bool) bool) {
		for id := range allowed.each {
			if !yield(id, false) {
				return
			}
		}
		for _, id := range stops {
			if !yield(id, true) {
				return
			}
		}
	}
	for id, stop := range candidates {
		l := float64(logits[id])
		if math.IsNaN(l) || math.IsInf(l, 1) {
			return choice{}, fmt.Errorf("%w: token %d has %v", ErrLogits, id, l)
		}
		if l > top {
			top, best = l, choice{id: id, stop: stop}
		}
	}
	if best.id < 0 {
		return choice{}, fmt.Errorf("%w: every candidate has -Inf", ErrLogits)
	}
	sum := 0.0
	for id := range candidates {
		sum += math.Exp(float64(logits[id]) - top)
	}
	best.logprob = -math.Log(sum)
	return best, nil
}
