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

// each calls visit for each label of a batch.
func each(b train.Batch, visit func(before, label int32)) (labels int) {
	for i, l := range b.Labels {
		if l >= 0 {
			visit(b.Tokens[i], l)
			labels++
		}
	}
	return labels
}

func (m *model) Loss(ctx context.Context, b train.Batch, a *lora.Adapter) (float64, int, error) {
	if err := m.pass(ctx); err != nil {
		return 0, 0, err
	}
	sum := 0.0
	labels := each(b, func(before, label int32) {
		i := 0
		for p := range a.Params() {
			for _, x := range p.Data {
				d := float64(x) - target(before, label, i)
				sum += d * d / float64(a.Size())
				i++
			}
		}
	})
	return sum, labels, nil
}

func (m *model) Gradients(ctx context.Context, b train.Batch, a, grad *lora.Adapter) (float64, int, error) {
	m.batches = append(m.batches, b)
	sum, labels, err := m.Loss(ctx, b, a)
	if err != nil {
		return 0, 0, err
	}
	rng := rand.New(rand.NewPCG(b.DropoutSeed, 0))
	each(b, func(before, label int32) {
		i := 0
		for p := range a.Params() {
			g := grad.At(p.Layer, p.Module)
			to := g.A
			if p.Matrix == lora.MatrixB {
				to = g.B
			}
			for j, x := range p.Data {
				if rng.Float32() >= a.Config.Dropout {
					to[j] += float32(2 * (float64(x) - target(before, label, i)) / float64(a.Size()))
				} else {
					m.dropped++
				}
				i++
			}
		}
	})
	return sum, labels, nil
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

// dataset has that many training examples of 2 to 9 tokens, and 5 held out.
func dataset(n int) train.Dataset {
	r := rand.New(rand.NewPCG(5, 6))
	example := func() train.Example {
		e := train.Example{Prompt: make([]int32, 1+r.IntN(6)), Completion: make([]int32, 1+r.IntN(4))}
		for i := range e.Prompt {
			e.Prompt[i] = r.Int32N(4)
		}
		for i := range e.Completion {
			e.Completion[i] = r.Int32N(3)
		}
		return e
	}
	var d train.Dataset
	for range n {
		d.Train = append(d.Train, example())
	}
	for range 5 {
		d.HeldOut = append(d.HeldOut, example())
	}
	return d
}

func options() train.Options {
	o := train.DefaultOptions()
	o.Seed, o.Epochs, o.BatchExamples, o.MicroTokens, o.LearningRate = 3, 4, 6, 20, 0.02
	return o
}
