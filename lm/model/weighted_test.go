package model_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// shared is a batch of two beginnings with two and one continuations, a sequence by itself, and an empty
// beginning with two continuations; apart has the same labels in sequences that share nothing.
func shared(net *tiny, seed uint64) (b, apart model.Batch) {
	random := rand.New(rand.NewPCG(seed, 9))
	group := func(beginning int, continuations ...int) {
		begin := net.tokens(random, beginning)
		b.Starts = append(b.Starts, len(b.Tokens))
		b.Continues = append(b.Continues, false)
		b.Tokens = append(b.Tokens, begin...)
		b.Labels = append(b.Labels, slices.Repeat([]int32{-1}, beginning)...)

		for _, n := range continuations {
			tokens, labels := net.tokens(random, n), net.tokens(random, n)
			labels[n/2] = -1
			b.Starts = append(b.Starts, len(b.Tokens))
			b.Continues = append(b.Continues, true)
			b.Tokens = append(b.Tokens, tokens...)
			b.Labels = append(b.Labels, labels...)

			apart.Starts = append(apart.Starts, len(apart.Tokens))
			apart.Tokens = append(append(apart.Tokens, begin...), tokens...)
			apart.Labels = append(append(apart.Labels, slices.Repeat([]int32{-1}, beginning)...), labels...)
		}
	}

	group(7, 3, 5)
	group(4, 6)
	group(0, 5, 4)

	alone := net.tokens(random, 6)
	b.Starts, b.Continues = append(b.Starts, len(b.Tokens)), append(b.Continues, false)
	b.Tokens, b.Labels = append(b.Tokens, alone...), append(b.Labels, alone...)
	apart.Starts = append(apart.Starts, len(apart.Tokens))
	apart.Tokens, apart.Labels = append(apart.Tokens, alone...), append(apart.Labels, alone...)

	return b, apart
}

// wish gives every sequence with labels another weight, by its place among them.
func wish(got *[]float64) model.Weigher {
	return func(_ int, logProbs, weights []float64) {
		for i, l := range logProbs {
			if l != 0 {
				weights[i] = math.Sin(float64(1 + 2*len(*got)))
				*got = append(*got, l)
			}
		}
	}
}

// A beginning that is computed once gives what it gives when each sequence has its own.
func TestSharedBeginnings(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		net     *tiny
		options model.Options
	}{
		{newTiny(21), model.Options{}},
		{newTiny(21), model.Options{BatchTokens: 12}},
		{newTiny(21), model.Options{BatchTokens: 1}},
		{newTinyOf(21, "qwen3", 0), model.Options{}},
		{newTinyOf(21, "llama", 5), model.Options{}},
	} {
		net := c.net
		m := net.open(t, c.options)
		a := adapter(t, m, allModules(), 3)
		b, apart := shared(net, 4)

		var got, want []float64

		grad, other := lora.ZerosLike(a), lora.ZerosLike(a)
		if err := m.Weighted(t.Context(), b, a, grad, wish(&got)); err != nil {
			t.Fatal(err)
		}

		if err := m.Weighted(t.Context(), apart, a, other, wish(&want)); err != nil {
			t.Fatal(err)
		}

		if len(got) != 6 || len(want) != 6 {
			t.Fatalf("log probabilities of %d and %d sequences, want 6", len(got), len(want))
		}

		for i := range want {
			if !(math.Abs(got[i]-want[i]) <= 1e-5*math.Abs(want[i])) {
				t.Errorf("sequence %d has log probability %g, apart %g", i, got[i], want[i])
			}
		}

		gradients := named(grad)
		for name, want := range named(other) {
			near(t, name, gradients[name], float64s(want), 3e-5)
		}

		probs := make([]float64, len(b.Starts))
		if err := m.LogProbs(t.Context(), b, a, probs); err != nil {
			t.Fatal(err)
		}

		for i, l := range slices.DeleteFunc(probs, func(l float64) bool { return l == 0 }) {
			if !(math.Abs(l-got[i]) <= 1e-5*math.Abs(l)) {
				t.Errorf("sequence %d: LogProbs says %g, the gradients' pass %g", i, l, got[i])
			}
		}
	}
}

// A loss that is no sum over the sequences, as preferences have it: the gradient against finite differences of
// the plain reference.
func TestWeightedGradients(t *testing.T) {
	t.Parallel()

	net := newTiny(22)
	m := net.open(t, model.Options{})
	a := adapter(t, m, allModules(), 4)
	b, apart := shared(net, 5)
	grad := lora.ZerosLike(a)

	// tanh(0.1·x)·tanh(0.1·y) over neighbours, which has neither weights of one sign nor constant ones.
	loss := func(l []float64) (sum float64, slopes []float64) {
		slopes = make([]float64, len(l))

		for i := 1; i < len(l); i++ {
			x, y := math.Tanh(0.1*l[i-1]), math.Tanh(0.1*l[i])
			sum += x * y
			slopes[i-1] += 0.1 * (1 - x*x) * y
			slopes[i] += 0.1 * (1 - y*y) * x
		}

		return sum, slopes
	}

	err := m.Weighted(t.Context(), b, a, grad, func(first int, logProbs, weights []float64) {
		if first != 0 || len(logProbs) != len(b.Starts) {
			t.Errorf("%d sequences from %d on, want all of %d", len(logProbs), first, len(b.Starts))
		}

		_, slopes := loss(slices.DeleteFunc(slices.Clone(logProbs), func(l float64) bool { return l == 0 }))
		for i, l := range logProbs {
			if l != 0 {
				weights[i], slopes = slopes[0], slopes[1:]
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}

	reference := func() float64 {
		var l []float64

		for s, start := range apart.Starts {
			end := append(slices.Clone(apart.Starts), len(apart.Tokens))[s+1]
			l = append(l, -net.loss(model.Batch{Tokens: apart.Tokens[start:end], Starts: []int{0}, Labels: apart.Labels[start:end]}, a, 0))
		}

		sum, _ := loss(l)

		return sum
	}

	gradients := named(grad)
	random := rand.New(rand.NewPCG(1, 2))

	params(a, func(name string, values []float32) {
		for range 3 {
			i := random.IntN(len(values))
			want := slope(&values[i], reference)

			if got := float64(gradients[name][i]); !(math.Abs(got-want) <= 2e-4*max(1, math.Abs(want))) {
				t.Errorf("%s, element %d: gradient %g, want %g", name, i, got, want)
			}
		}
	})
}

// Computing a layer again gives the bits of the first time, with dropout, in parts, and with pairs missing.
func TestRecompute(t *testing.T) {
	t.Parallel()

	dropped := allModules()
	dropped.Dropout = 0.2

	some := dropped
	some.Targets = []lora.Module{lora.Value, lora.Down}

	for _, c := range []struct {
		net     *tiny
		config  lora.Config
		options model.Options
	}{
		{newTiny(23), dropped, model.Options{Precision: compute.Float32}},
		{newTiny(23), some, model.Options{Precision: compute.Float32}},
		{newTiny(23), dropped, model.Options{Precision: compute.Float32, BatchTokens: 12}},
		{newTiny(23), dropped, model.Options{Precision: compute.Fast}},
		{newTinyOf(23, "qwen3", 0), dropped, model.Options{Precision: compute.Float32}},
	} {
		net := c.net
		m := net.openAs(t, c.options)
		a := adapter(t, m, c.config, 5)
		b, _ := shared(net, 6)

		var results [2]map[string][]float32

		var sums [2][]float64

		for i := range results {
			b.Recompute = i == 1
			grad := lora.ZerosLike(a)

			if err := m.Weighted(t.Context(), b, a, grad, wish(&sums[i])); err != nil {
				t.Fatal(err)
			}

			results[i] = named(grad)
		}

		if !slices.Equal(sums[0], sums[1]) {
			t.Errorf("log probabilities %v, recomputed %v", sums[0], sums[1])
		}

		for name, want := range results[0] {
			if !slices.Equal(results[1][name], want) {
				t.Errorf("%s differs when layers are computed again", name)
			}
		}
	}
}

func TestNoDropout(t *testing.T) {
	t.Parallel()

	net := newTiny(24)
	m := net.open(t, model.Options{})
	config := allModules()
	config.Dropout = 0.5
	a := adapter(t, m, config, 6)
	b, _ := shared(net, 7)

	var sums [3][]float64

	for i := range sums {
		b.NoDropout = i > 0
		a.Config.Dropout = []float32{0.5, 0.5, 0}[i]

		if err := m.Weighted(t.Context(), b, a, lora.ZerosLike(a), wish(&sums[i])); err != nil {
			t.Fatal(err)
		}
	}

	if !slices.Equal(sums[1], sums[2]) || slices.Equal(sums[0], sums[1]) {
		t.Errorf("with dropout %v, switched off %v, with rate 0 %v", sums[0], sums[1], sums[2])
	}
}

func TestRefusesContinuations(t *testing.T) {
	t.Parallel()

	net := newTiny(25)
	m := net.open(t, model.Options{})
	labels := func(n int) []int32 { return make([]int32, n) }

	for name, c := range map[string]struct {
		b    model.Batch
		want error
	}{
		"the first continues":       {model.Batch{Tokens: labels(4), Labels: labels(4), Starts: []int{0, 2}, Continues: []bool{true, false}}, model.ErrInput},
		"too few":                   {model.Batch{Tokens: labels(4), Labels: labels(4), Starts: []int{0, 2}, Continues: []bool{false}}, model.ErrInput},
		"an empty continuation":     {model.Batch{Tokens: labels(4), Labels: labels(4), Starts: []int{0, 2, 2}, Continues: []bool{false, true, true}}, model.ErrInput},
		"an empty sequence":         {model.Batch{Tokens: labels(4), Labels: labels(4), Starts: []int{0, 0}, Continues: []bool{false, false}}, model.ErrInput},
		"an empty one at the end":   {model.Batch{Tokens: labels(4), Labels: labels(4), Starts: []int{0, 4}, Continues: []bool{false, false}}, model.ErrInput},
		"longer than the context":   {model.Batch{Tokens: labels(60), Labels: labels(60), Starts: []int{0, 30, 40}, Continues: []bool{false, true, true}}, model.ErrFull},
		"as long as the context":    {model.Batch{Tokens: labels(58), Labels: labels(58), Starts: []int{0, 38, 48}, Continues: []bool{false, true, true}}, nil},
		"one after a long sequence": {model.Batch{Tokens: labels(60), Labels: labels(60), Starts: []int{0, 40}, Continues: []bool{false, false}}, nil},
	} {
		if err := m.LogProbs(t.Context(), c.b, nil, make([]float64, len(c.b.Starts))); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}

	one := model.Batch{Tokens: labels(4), Labels: labels(4), Starts: []int{0}}
	if err := m.LogProbs(t.Context(), one, nil, nil); !errors.Is(err, model.ErrInput) {
		t.Errorf("no room: got %v", err)
	}

	a := adapter(t, m, allModules(), 1)
	if err := m.Weighted(t.Context(), one, a, lora.ZerosLike(a), nil); !errors.Is(err, model.ErrInput) {
		t.Errorf("no weights: got %v", err)
	}
}
