package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
)

// model is a deterministic stand-in. Each label token has a target value for every
// element of the adapter, and costs the mean square distance from it; its target
// depends on the token before it. With dropout, an element's gradient is left out
// by a draw from the batch's seed.
type model struct {
	passes  int
	fail    func(pass int) error
	batches []train.Batch
	dropped int
}

func target(before, label int32, i int) float64 {
	return math.Sin(float64(before) + 3*float64(label) + float64(i))
}

// each calls visit for each label of a batch, with its sequence.
func each(b train.Batch, visit func(sequence int, before, label int32)) {
	sequence := 0
	for i, l := range b.Labels {
		for sequence+1 < len(b.Starts) && i >= b.Starts[sequence+1] {
			sequence++
		}
		if l >= 0 {
			visit(sequence, b.Tokens[i], l)
		}
	}
}

// LogProbs has the base alone give each label the same.
func (m *model) LogProbs(ctx context.Context, b train.Batch, a *lora.Adapter, dst []float64) error {
	if err := m.pass(ctx); err != nil {
		return err
	}
	clear(dst)
	if a == nil {
		each(b, func(sequence int, _, _ int32) { dst[sequence]-- })
		return nil
	}
	m.logProbs(b, a, dst)
	return nil
}

func (m *model) logProbs(b train.Batch, a *lora.Adapter, dst []float64) {
	each(b, func(sequence int, before, label int32) {
		i := 0
		for p := range a.Params() {
			for _, x := range p.Data {
				d := float64(x) - target(before, label, i)
				dst[sequence] -= d * d / float64(a.Size())
				i++
			}
		}
	})
}

// Weighted weighs beginnings with their continuations, one group after the other.
func (m *model) Weighted(ctx context.Context, b train.Batch, a, grad *lora.Adapter, weigh func(int, []float64, []float64)) error {
	m.batches = append(m.batches, b)
	if err := m.pass(ctx); err != nil {
		return err
	}
	logProbs, weights := make([]float64, len(b.Starts)), make([]float64, len(b.Starts))
	m.logProbs(b, a, logProbs)
	for from, to := 0, 1; from < len(b.Starts); from, to = to, to+1 {
		for to < len(b.Starts) && b.Continues[to] {
			to++
		}
		weigh(from, logProbs[from:to], weights[from:to])
	}
	rng := rand.New(rand.NewPCG(b.DropoutSeed, 0))
	each(b, func(sequence int, before, label int32) {
		i := 0
		for p := range a.Params() {
			g := grad.At(p.Layer, p.Module)
			to := g.A
			if p.Matrix == lora.MatrixB {
				to = g.B
			}
			for j, x := range p.Data {
				if b.NoDropout || rng.Float32() >= a.Config.Dropout {
					to[j] -= float32(weights[sequence] * 2 * (float64(x) - target(before, label, i)) / float64(a.Size()))
				} else {
					m.dropped++
				}
				i++
			}
		}
	})
	return nil
}

func (m *model) pass(ctx context.Context) error {
	m.passes++
	if m.fail != nil {
		if err := m.fail(m.passes); err != nil {
			return err
		}
	}
	return ctx.Err()
}

var errBroken = errors.New("broken")

func adapter(t *testing.T, seed uint64) *lora.Adapter {
	t.Helper()
	d := lora.Dims{Layers: 2}
	for m := range d.Shapes {
		d.Shapes[m] = lora.Shape{In: 3, Out: 4}
	}
	a, err := lora.New(lora.Config{Rank: 2, Alpha: 2, Dropout: 0.25, Targets: []lora.Module{lora.Query, lora.Down}}, d, seed)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func elements(a *lora.Adapter) []float32 {
	var all []float32
	for p := range a.Params() {
		all = append(all, p.Data...)
	}
	return all
}

// draw makes examples of 2 to 9 tokens.
type draw struct{ *rand.Rand }

func (r draw) tokens(n int, below int32) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = r.Int32N(below)
	}
	return ids
}

func (r draw) example() train.Example {
	e := train.Example{Prompt: make([]int32, 1+r.IntN(6)), Completion: make([]int32, 1+r.IntN(4))}
	copy(e.Prompt, r.tokens(len(e.Prompt), 4))
	copy(e.Completion, r.tokens(len(e.Completion), 3))
	return e
}

func (r draw) pair() train.Pair {
	return train.Pair{Prompt: r.tokens(1+r.IntN(6), 4), Chosen: r.tokens(1+r.IntN(4), 3), Rejected: r.tokens(1+r.IntN(4), 3)}
}

// dataset has that many training examples, and 5 held out.
func dataset(n int) train.Dataset {
	r := draw{rand.New(rand.NewPCG(5, 6))}
	var d train.Dataset
	for range n {
		d.Train = append(d.Train, r.example())
	}
	for range 5 {
		d.HeldOut = append(d.HeldOut, r.example())
	}
	return d
}

// datasets are runs of each kind, of 40 items and some held out.
func datasets() map[string]train.Dataset {
	r := draw{rand.New(rand.NewPCG(7, 8))}
	var pairs []train.Pair
	var rated []train.Rated
	for i := range 45 {
		pairs = append(pairs, r.pair())
		rated = append(rated, train.Rated{Example: r.example(), Desirable: i%3 > 0})
	}
	examples := dataset(40)
	return map[string]train.Dataset{
		"examples": examples,
		"pairs":    {Pairs: pairs[:40], HeldOutPairs: pairs[40:]},
		"rated":    {Rated: rated[:40], HeldOutRated: rated[40:]},
		"mixed": {
			Train: examples.Train[:14], Pairs: pairs[:13], Rated: rated[:13],
			HeldOut: examples.HeldOut[:2], HeldOutPairs: pairs[40:42], HeldOutRated: rated[40:43],
		},
	}
}

func options() train.Options {
	o := train.DefaultOptions()
	o.Seed, o.Epochs, o.BatchExamples, o.MicroTokens, o.LearningRate = 3, 4, 6, 20, 0.02
	return o
}
