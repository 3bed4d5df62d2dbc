package model_test

import (
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// With weights of every type a step's loss and gradients, and a prefill's logits, have the same bits whether unpacked
// weights are kept or not.
func TestOnTheFly(t *testing.T) {
	t.Parallel()

	cases, _ := readFamilies(t)

	for _, c := range cases.Cases {
		if c.Metadata == nil {
			continue
		}

		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()

			path := c.file(t, cases.Kinds)

			for _, precision := range []compute.Precision{compute.Float32, compute.Fast} {
				for _, recompute := range []bool{false, true} {
					want := stepBits(t, path, model.Options{Precision: precision}, cases.Tokens, recompute)
					got := stepBits(t, path, model.Options{Precision: precision, DequantizeOnTheFly: true}, cases.Tokens, recompute)

					if !slices.Equal(got, want) {
						t.Errorf("%v, recompute %t: other numbers than with kept weights", precision, recompute)
					}
				}
			}
		})
	}
}

// stepBits returns a prefill's logits, and the loss and the gradients of a step.
func stepBits(tb testing.TB, path string, options model.Options, tokens []int32, recompute bool) []float64 {
	tb.Helper()

	m, err := model.Open(tb.Context(), path, options)
	if err != nil {
		tb.Fatal(err)
	}

	defer func() {
		if err := m.Close(); err != nil {
			tb.Error(err)
		}
	}()

	config := allModules()
	config.Dropout = 0.1
	a := adapter(tb, m, config, 5)
	grad := lora.ZerosLike(a)
	logits := make([]float32, m.Config().Vocab)

	if err := m.Forward(tb.Context(), m.NewCache(len(tokens)), a, tokens, logits); err != nil {
		tb.Fatal(err)
	}

	b := model.Batch{Tokens: tokens, Starts: []int{0, 10}, Labels: tokens, Recompute: recompute, DropoutSeed: 3}

	loss, _, err := m.Gradients(tb.Context(), b, a, grad)
	if err != nil {
		tb.Fatal(err)
	}

	all := append(float64s(logits), loss)
	for name, values := range named(grad) {
		if !slices.ContainsFunc(values, func(x float32) bool { return x != 0 }) {
			tb.Errorf("%s is zero", name)
		}
	}

	params(grad, func(_ string, values []float32) { all = append(all, float64s(values)...) })

	return all
}
