package generate

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// stream is the second half of the generator's seed: "generate" in ASCII.
const stream = 0x67656e6572617465

// chooser chooses one token after another.
type chooser struct {
	sampling Sampling
	random   *rand.Rand
	heap     heap      // scratch
	weights  []float64 // scratch of draw
}

func newChooser(s Sampling) chooser {
	c := chooser{sampling: s}
	if s.Temperature > 0 {
		c.random = rand.New(rand.NewPCG(s.Seed, stream))
	}
	return c
}

// candidate is a token that can be chosen.
type candidate struct {
	id    int32
	logit float32
}

// before orders candidates by falling logits, equal ones by rising ids.
func (c candidate) before(other candidate) bool {
	return c.logit > other.logit || c.logit == other.logit && c.id < other.id
}

// choose returns the chosen token, and the natural logarithm of the sum of all
// candidates' exp(logit); logits[i] is that of ids[i].
func (c *chooser) choose(ids []int32, logits []float32) (chosen candidate, logSum float64, err error) {
	best := candidate{-1, float32(math.Inf(-1))}
	for i, l := range logits {
		if math.IsNaN(float64(l)) || l > math.MaxFloat32 {
			return candidate{}, 0, fmt.Errorf("%w: token %d has %v", ErrLogits, ids[i], l)
		}
		if l > best.logit || l == best.logit && ids[i] < best.id {
			best = candidate{ids[i], l}
		}
	}
	if best.id < 0 {
		return candidate{}, 0, fmt.Errorf("%w: every candidate has -Inf", ErrLogits)
	}
	sum := sumExp(logits, best.logit)
	logSum = float64(best.logit) + math.Log(sum)
	if c.random == nil {
		return best, logSum, nil
	}
	return c.draw(c.narrow(ids, logits, best.logit, sum), best.logit), logSum, nil
}

// narrow returns the candidates that the filters keep. sum is that of all
// exp(logit - top).
func (c *chooser) narrow(ids []int32, logits []float32, top float32, sum float64) []candidate {
	s, h := &c.sampling, &c.heap
	least := float32(math.Inf(-1)) // logit of p = MinP·max(p)
	if s.MinP > 0 {
		least = top + float32(math.Log(s.MinP))
	}
	nucleus := s.TopP > 0 && s.TopP < 1
	if s.TopK == 0 && !nucleus { // no order needed
		*h = (*h)[:0]
		for i, l := range logits {
			if l >= least {
				*h = append(*h, candidate{ids[i], l})
			}
		}
		return *h
	}
	h.fill(ids, logits)
	k := len(ids)
	if s.TopK > 0 && s.TopK < k {
		k = s.TopK
		sum = 0
		for i := range k {
			h.next(i)
			sum += math.Exp(float64(h.taken(i).logit - top))
		}
	}
	kept, share := 0, 0.0
	for kept < k && (!nucleus || share < s.TopP*sum) {
		if k == len(ids) {
			h.next(kept)
		}
		l := h.taken(kept).logit
		if l < least {
			break
		}
		share += math.Exp(float64(l - top))
		kept++
	}
	return h.all(kept)
}

// draw chooses one of the kept candidates.
func (c *chooser) draw(kept []candidate, top float32) candidate {
	c.weights = c.weights[:0]
	sum := 0.0
	for _, x := range kept {
		w := math.Exp(float64(x.logit-top) / c.sampling.Temperature)
		c.weights = append(c.weights, w)
		sum += w
	}
	left := c.random.Float64() * sum
	var last candidate // of those that have a weight at all
	for i, w := range c.weights {
		if w == 0 {
			continue
		}
		last = kept[i]
		if left < w {
			break
		}
		left -= w
	}
	return last // also if the sum was rounded up
}

// alternatives appends the n most probable candidates with the logarithms of their
// probabilities.
func (c *chooser) alternatives(to []Alternative, n int, ids []int32, logits []float32, logSum float64) []Alternative {
	c.heap.fill(ids, logits)
	for i := range min(n, len(ids)) {
		c.heap.next(i)
		x := c.heap.taken(i)
		to = append(to, Alternative{Token: x.id, Logprob: float64(x.logit) - logSum})
	}
	return to
}
