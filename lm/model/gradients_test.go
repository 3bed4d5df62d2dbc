package model_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// someBatch is three packed sequences, one of a single token, with labels on some positions.
func someBatch(net *tiny, seed uint64) model.Batch {
	random := rand.New(rand.NewPCG(seed, 7))
	b := model.Batch{Tokens: net.tokens(random, 19), Starts: []int{0, 8, 9}, Labels: net.tokens(random, 19), DropoutSeed: seed << 33}

	for _, i := range []int{0, 1, 2, 5, 9, 10, 11, 15} {
		b.Labels[i] = -1
	}

	return b
}

// params calls f with every matrix of a.
func params(a *lora.Adapter, f func(name string, values []float32)) {
	for i := range a.Layers {
		for module, pair := range a.Layers[i] {
			if pair != nil {
				f(fmt.Sprintf("layer %d %v A", i, lora.Module(module)), pair.A)
				f(fmt.Sprintf("layer %d %v B", i, lora.Module(module)), pair.B)
			}
		}
	}
}

// named returns a's matrices by name.
func named(a *lora.Adapter) map[string][]float32 {
	out := map[string][]float32{}
	params(a, func(name string, values []float32) { out[name] = values })

	return out
}

func TestGradients(t *testing.T) {
	t.Parallel()

	some := allModules()
	some.Targets = []lora.Module{lora.Query, lora.Down}

	dropped := allModules()
	dropped.Dropout = 0.3

	for _, c := range []struct {
		name    string
		net     *tiny
		config  lora.Config
		options model.Options
		skip    int // layers without pairs
	}{
		{"all modules", newTiny(11), allModules(), model.Options{}, 0},
		{"some modules of the last layer", newTiny(11), some, model.Options{}, 1},
		{"dropout", newTiny(11), dropped, model.Options{}, 0},
		{"dropout, batch in parts", newTiny(11), dropped, model.Options{BatchTokens: 9}, 0},
		{"window", newTinyOf(14, "llama", 3), allModules(), model.Options{}, 0},
		{"biases", newTinyOf(15, "qwen2", 0), allModules(), model.Options{}, 0},
		{"normed heads", newTinyOf(16, "qwen3", 0), allModules(), model.Options{}, 0},
		{"normed heads, upper layer only", newTinyOf(17, "qwen3", 0), allModules(), model.Options{}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()

			net := c.net
			m := net.open(t, c.options)
			a := adapter(t, m, c.config, 5)

			for i := range c.skip {
				a.Layers[i] = lora.Layer{}
			}

			b := someBatch(net, 3)
			grad := lora.ZerosLike(a)

			loss, labels, err := m.Gradients(t.Context(), b, a, grad)
			if err != nil {
				t.Fatal(err)
			}

			reference := func() float64 { return net.loss(b, a, c.config.Dropout) }
			if want := reference(); !(math.Abs(loss-want) <= 1e-4) || labels != 11 {
				t.Errorf("loss is %g over %d labels, want %g over 11", loss, labels, want)
			}

			gradients := named(grad)
			random := rand.New(rand.NewPCG(1, 1))

			params(a, func(name string, values []float32) {
				for range 6 {
					i := random.IntN(len(values))
					want := slope(&values[i], reference)

					if got := float64(gradients[name][i]); !(math.Abs(got-want) <= 2e-4*max(1, math.Abs(want))) {
						t.Errorf("%s, element %d: gradient %g, want %g", name, i, got, want)
					}
				}
			})
		})
	}
}

// slope is the derivative of f with respect to *x: Richardson's extrapolation of two central differences,
// whose steps are large because *x is a float32.
func slope(x *float32, f func() float64) float64 {
	difference := func(step float32) float64 {
		was := *x
		up, down := was+step, was-step
		*x = up
		above := f()
		*x = down
		below := f()
		*x = was

		return (above - below) / (float64(up) - float64(down))
	}

	return (4*difference(1.0/2048) - difference(1.0/1024)) / 3
}

// Packing, parts and threads change nothing: neither losses nor gradients.
func TestPackedEqualsApart(t *testing.T) {
	t.Parallel()

	net := newTiny(12)
	m := net.open(t, model.Options{})
	a := adapter(t, m, allModules(), 6)
	b := someBatch(net, 4)

	packed := lora.ZerosLike(a)

	sum, labels, err := m.Gradients(t.Context(), b, a, packed)
	if err != nil {
		t.Fatal(err)
	}

	apart := lora.ZerosLike(a)
	apartSum, apartLabels := 0.0, 0

	for s, start := range b.Starts {
		end := append(slices.Clone(b.Starts), len(b.Tokens))[s+1]
		one := model.Batch{Tokens: b.Tokens[start:end], Starts: []int{0}, Labels: b.Labels[start:end]}

		loss, n, err := m.Gradients(t.Context(), one, a, apart)
		if err != nil {
			t.Fatal(err)
		}

		alone, _, err := m.Loss(t.Context(), one, a)
		if err != nil || !(math.Abs(alone-loss) <= 1e-5) {
			t.Errorf("Loss is %g (%v), Gradients' loss %g", alone, err, loss)
		}

		apartSum += loss
		apartLabels += n
	}

	if !(math.Abs(sum-apartSum) <= 1e-5) || labels != apartLabels {
		t.Errorf("loss is %g over %d labels packed, %g over %d apart", sum, labels, apartSum, apartLabels)
	}

	gradients := named(packed)
	for name, want := range named(apart) {
		near(t, name, gradients[name], float64s(want), 1e-5)
	}
}

// Equal calls give equal bits, with any number of threads: a resumed training run must not drift.
func TestGradientsAreDeterministic(t *testing.T) {
	t.Parallel()

	net := newTiny(13)
	config := allModules()
	config.Dropout = 0.1

	var first *lora.Adapter

	for _, threads := range []int{1, 2, 2} {
		m := net.open(t, model.Options{Threads: threads})
		a := adapter(t, m, config, 7)

		for range 2 {
			grad := lora.ZerosLike(a)
			if _, _, err := m.Gradients(t.Context(), someBatch(net, 5), a, grad); err != nil {
				t.Fatal(err)
			}

			if first == nil {
				first = grad
			}

			want := named(first)
			params(grad, func(name string, values []float32) {
				if !slices.Equal(values, want[name]) {
					t.Errorf("%s differs with %d threads", name, threads)
				}
			})
		}
	}
}
