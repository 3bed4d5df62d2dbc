package model_test

import (
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

func openBase(tb testing.TB, precision compute.Precision) *model.Model {
	tb.Helper()

	m, err := model.Open(tb.Context(), golden.ModelPath(tb), model.Options{Precision: precision})
	if err != nil {
		tb.Fatal(err)
	}

	tb.Cleanup(func() {
		if err := m.Close(); err != nil {
			tb.Error(err)
		}
	})

	return m
}

// perSecond reports how many tokens each second had.
func perSecond(b *testing.B, tokens int) {
	b.Helper()
	b.ReportMetric(float64(tokens*b.N)/b.Elapsed().Seconds(), "tokens/s")
}

func someTokens(n, vocabulary int) []int32 {
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32((i*7919 + 17) % vocabulary)
	}

	return tokens
}

// A LoRA step's gradients: rank 16 on all linear layers, 1,024 packed tokens in sequences of 75 with
// seven labels each.
func BenchmarkTrain(b *testing.B) {
	for _, rate := range []float32{0, 0.05} {
		name := "no dropout"
		if rate > 0 {
			name = "dropout"
		}

		b.Run(name, func(b *testing.B) {
			m := openBase(b, compute.Fast)
			batch := model.Batch{Tokens: someTokens(1024, m.Config().Vocab), Labels: make([]int32, 1024), DropoutSeed: 1}

			for i := range batch.Tokens {
				batch.Labels[i] = -1
				if i%75 == 0 {
					batch.Starts = append(batch.Starts, i)
				}

				if i%75 >= 67 && i%75 < 74 {
					batch.Labels[i] = batch.Tokens[i+1]
				}
			}

			config := lora.DefaultConfig()
			config.Dropout = rate

			a, err := lora.New(config, m.Config().Dims(), 1)
			if err != nil {
				b.Fatal(err)
			}

			grad := lora.ZerosLike(a)

			step := func() {
				if _, _, err := m.Gradients(b.Context(), batch, a, grad); err != nil {
					b.Fatal(err)
				}
			}

			step()
			b.ReportAllocs()

			for b.Loop() {
				step()
			}

			perSecond(b, len(batch.Tokens))
		})
	}
}

func BenchmarkPrefill(b *testing.B) {
	m := openBase(b, compute.Fast)
	c := m.NewCache(512)
	tokens := someTokens(512, m.Config().Vocab)
	logits := make([]float32, m.Config().Vocab)

	step := func() {
		c.Truncate(0)

		if err := m.Forward(b.Context(), c, nil, tokens, logits); err != nil {
			b.Fatal(err)
		}
	}

	step()
	b.ReportAllocs()

	for b.Loop() {
		step()
	}

	perSecond(b, len(tokens))
}

// Decoding at a context of 256 tokens, without and with a rank-16 adapter on all linear layers.
func BenchmarkDecode(b *testing.B) {
	m := openBase(b, compute.Fast)

	adapter, err := lora.New(lora.DefaultConfig(), m.Config().Dims(), 1)
	if err != nil {
		b.Fatal(err)
	}

	for name, a := range map[string]*lora.Adapter{"base": nil, "adapter": adapter, "frozen adapter": adapter.Clone().Freeze()} {
		b.Run(name, func(b *testing.B) {
			c := m.NewCache(512)
			tokens := someTokens(256, m.Config().Vocab)
			logits := make([]float32, m.Config().Vocab)

			if err := m.Forward(b.Context(), c, a, tokens, logits); err != nil {
				b.Fatal(err)
			}

			step := func() {
				c.Truncate(255)

				if err := m.Forward(b.Context(), c, a, tokens[255:], logits); err != nil {
					b.Fatal(err)
				}
			}

			step() // makes the forms of the weights that one row is multiplied with
			b.ReportAllocs()

			for b.Loop() {
				step()
			}

			perSecond(b, 1)
		})
	}
}
