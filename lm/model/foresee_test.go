package model_test

import (
	"errors"
	"os"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// foresee returns the total of what f takes.
func foresee(tb testing.TB, m *model.Model, f func(*model.Model) error) compute.Memory {
	tb.Helper()

	need, err := m.Foresee(false, f)
	if err != nil {
		tb.Fatal(err)
	}

	return need
}

// The figures are compared with what the backend maps in compute/cpu's tests; here they have to move as
// they should, and the calls must go through without a number computed.
func TestForesee(t *testing.T) {
	if os.Getenv("GROKPUTER_TEST_DEVICE") != "" {
		t.Skip("it is about the forms of weights that the processor makes")
	}

	t.Parallel()

	net := newTinyWith(1, "qwen3", 0, 6)
	m := net.open(t, model.Options{BatchTokens: 1 << 20})
	a := adapter(t, m, allModules(), 1)
	grad := lora.ZerosLike(a)
	logits := make([]float32, net.vocab)

	forward := func(capacity, n int) func(*model.Model) error {
		return func(m *model.Model) error {
			c := m.NewCache(capacity)
			defer c.Close()

			return m.Forward(t.Context(), c, a, make([]int32, n), logits)
		}
	}
	gradients := func(repeat int, recompute bool) func(*model.Model) error {
		return func(m *model.Model) error {
			b := model.Batch{Recompute: recompute}
			for i := range repeat {
				b.Starts = append(b.Starts, 40*i)
			}

			b.Tokens, b.Labels = make([]int32, 40*repeat), make([]int32, 40*repeat)
			_, _, err := m.Gradients(t.Context(), b, a, grad)

			return err
		}
	}

	short, long := foresee(t, m, forward(20, 8)), foresee(t, m, forward(40, 8))
	if extra := long.Kept - short.Kept; extra != int64(20*2*net.layers*net.kvHeads*net.headDim*4) {
		t.Errorf("20 more tokens of cache take %d bytes", extra)
	}

	if all := foresee(t, m, forward(40, 40)); all.Scratch < short.Scratch || all.Weights < short.Weights {
		t.Errorf("40 tokens take %+v, 8 tokens %+v", all, short)
	}

	few, many := foresee(t, m, gradients(40, false)), foresee(t, m, gradients(400, false))
	if few.Weights != many.Weights || few.Weights <= short.Weights {
		t.Errorf("weights take %d, with gradients %d and %d", short.Weights, few.Weights, many.Weights)
	}

	if few.Scratch >= many.Scratch {
		t.Errorf("scratch is %d for 1,600 tokens, %d for 16,000", few.Scratch, many.Scratch)
	}

	if again := foresee(t, m, gradients(400, true)); again.Scratch >= many.Scratch {
		t.Errorf("scratch is %d, with layers computed again %d", many.Scratch, again.Scratch)
	}

	// Nothing of it touched the model.
	got := make([]float32, net.vocab)
	for i, dst := range [][]float32{logits, got} {
		if err := m.Forward(t.Context(), m.NewCache(20), a, []int32{1, 2, 3}, dst); err != nil {
			t.Fatal(err)
		}

		if i == 0 {
			foresee(t, m, gradients(1, false))
		}
	}

	near(t, "logits after foreseeing", got, float64s(logits), 0)

	for _, pair := range a.Layers[0] {
		for _, x := range pair.A {
			if x == 0 {
				t.Fatal("the adapter was written to")
			}
		}
	}

	if _, err := m.Foresee(false, func(m *model.Model) error {
		return m.Forward(t.Context(), m.NewCache(4), nil, make([]int32, 5), logits)
	}); !errors.Is(err, model.ErrFull) {
		t.Errorf("a call that fails: %v", err)
	}
}
