package generate

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSumExp(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for _, spread := range []float64{0, 1e-3, 1, 10, 39, 100, 1e30} {
		logits := make([]float32, 1000)
		top := float32(math.Inf(-1))
		for i := range logits {
			logits[i] = float32((r.Float64() - 0.5) * spread)
			top = max(top, logits[i])
		}
		logits[7] = float32(math.Inf(-1))
		top = max(top, logits[0])
		want := 0.0
		for _, l := range logits {
			want += math.Exp(float64(l - top))
		}
		if got := sumExp(logits, top); !(math.Abs(got-want) <= 1e-8*want) {
			t.Errorf("spread %g: %.12g, want %.12g", spread, got, want)
		}
	}
}

// narrowed is the plain version of narrow and what follows it: sort all, then filter
// one after the other, renormalising each time.
func narrowed(s Sampling, ids []int32, logits []float32) map[int32]float64 {
	all := make([]candidate, len(ids))
	for i := range ids {
		all[i] = candidate{ids[i], logits[i]}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.logit, a.logit), cmp.Compare(a.id, b.id))
	})
	softmax := func(temperature float64) []float64 {
		p, sum := make([]float64, len(all)), 0.0
		for i, x := range all {
			p[i] = math.Exp((float64(x.logit) - float64(all[0].logit)) / temperature)
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
		}
		return p
	}
	if s.TopK > 0 {
		all = all[:min(s.TopK, len(all))]
	}
	if s.TopP > 0 && s.TopP < 1 {
		sum := 0.0
		for i, p := range softmax(1) {
			if sum += p; sum >= s.TopP {
				all = all[:i+1]
				break
			}
		}
	}
	p := softmax(1)
	all = slices.DeleteFunc(all, func(x candidate) bool {
		return p[slices.Index(all, x)] < s.MinP*p[0]*(1-1e-6)
	})
	out := map[int32]float64{}
	for i, p := range softmax(s.Temperature) {
		out[all[i].id] = p
	}
	return out
}

// Tokens come as often as the filters and the temperature say, and no others.
func TestDrawsFollowTheFormula(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	ids, logits := make([]int32, 40), make([]float32, 40)
	for i, p := range r.Perm(len(ids)) {
		ids[i], logits[i] = int32(p), float32(r.NormFloat64()*2)
	}
	logits[5], logits[6] = 2, 2
	narrow := 0
	for _, s := range []Sampling{
		{Temperature: 1},
		{Temperature: 0.3},
		{Temperature: 5},
		{Temperature: 1, TopK: 1},
		{Temperature: 1, TopK: 3},
		{Temperature: 2, TopK: 100},
		{Temperature: 1, TopP: 0.5},
		{Temperature: 0.7, TopP: 0.95},
		{Temperature: 1, TopP: 1},
		{Temperature: 1, TopP: 1e-9},
		{Temperature: 1, MinP: 0.1},
		{Temperature: 1, MinP: 1},
		{Temperature: 0.8, TopK: 10, TopP: 0.8, MinP: 0.15},
		{Temperature: 3, TopK: 20, TopP: 0.9},
		{Temperature: 1, TopP: 0.99, MinP: 0.02},
	} {
		const draws = 40_000
		c := newChooser(s)
		counts := map[int32]int{}
		for range draws {
			chosen, _, err := c.choose(ids, logits)
			if err != nil {
				t.Fatal(err)
			}
			counts[chosen.id]++
		}
		want := narrowed(s, ids, logits)
		if len(want) < len(ids) {
			narrow++
		}
		for id := range counts {
			if want[id] == 0 {
				t.Errorf("%+v: token %d came %d times and should not", s, id, counts[id])
			}
		}
		for id, p := range want {
			// Five standard deviations of a binomial distribution.
			if d := math.Abs(float64(counts[id]) - p*draws); d > 5*math.Sqrt(p*(1-p)*draws)+1 {
				t.Errorf("%+v: token %d came %d times, want %.0f", s, id, counts[id], p*draws)
			}
		}
	}
	if narrow < 8 {
		t.Errorf("only %d settings filtered anything", narrow)
	}
}

// The greedy choice is the first in the order of the heap, whatever the order of
// the candidates, and the alternatives are the next ones.
func TestChooseGreedy(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	var greedy chooser
	for range 200 {
		n := 1 + r.IntN(30)
		ids, logits := make([]int32, n), make([]float32, n)
		for i, p := range r.Perm(n) {
			ids[i], logits[i] = int32(p), float32(r.IntN(8)) // many are equal
		}
		chosen, logSum, err := greedy.choose(ids, logits)
		if err != nil {
			t.Fatal(err)
		}
		order := make([]int, n)
		sum := 0.0
		for i := range order {
			order[i] = i
			sum += math.Exp(float64(logits[i]))
		}
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(logits[b], logits[a]), cmp.Compare(ids[a], ids[b]))
		})
		if chosen.id != ids[order[0]] || math.Abs(logSum-math.Log(sum)) > 1e-7 {
			t.Fatalf("chose %d with log sum %g, want %d with %g", chosen.id, logSum, ids[order[0]], math.Log(sum))
		}
		for i, a := range greedy.alternatives(nil, 5, ids, logits, logSum) {
			if a.Token != ids[order[i]] || a.Logprob != float64(logits[order[i]])-logSum {
				t.Fatalf("alternative %d is %+v, want token %d", i, a, ids[order[i]])
			}
		}
	}
}

func TestChooseRefuses(t *testing.T) {
	t.Parallel()
	inf := float32(math.Inf(1))
	for _, logits := range [][]float32{{1, float32(math.NaN())}, {inf, 1}, {-inf, -inf}, {}} {
		c := newChooser(Sampling{Temperature: 1})
		if _, _, err := c.choose([]int32{1, 2}[:len(logits)], logits); !errors.Is(err, ErrLogits) {
			t.Errorf("%v: got %v, want ErrLogits", logits, err)
		}
	}
	// What is impossible never comes, also where the rest is hardly possible.
	c := newChooser(Sampling{Temperature: 1e-3})
	for range 100 {
		chosen, _, err := c.choose([]int32{1, 2, 3}, []float32{-inf, -3e38, -inf})
		if err != nil || chosen.id != 2 {
			t.Fatalf("chose %d, %v", chosen.id, err)
		}
	}
}
