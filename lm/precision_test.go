package lm_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/model"
)

// The fast precision says what float32 says, on 50 prompts, greedily. Where a text differs, float32 must have been
// about to say the same: the two tokens are nearly a tie for it, and that is rare.
func TestFastPrecisionSaysTheSame(t *testing.T) {
	t.Parallel()
	path := golden.ModelPath(t)
	exact := open(t, path, lm.Options{Precision: compute.Float32})
	fast := open(t, path, lm.Options{})
	if exact.Info().Device == fast.Info().Device {
		t.Skip("float32 is the fastest here: ", fast.Info().Device)
	}
	different := 0
	things := []string{"a river", "the moon", "an old clock", "a blue door", "winter", "a small dog", "bread", "a train", "the sea", "a lamp"}
	asks := []string{"Write one sentence about %s.", "What is %s?", "Name three things that go with %s.", "Why do people like %s?", "Say something kind about %s."}
	for _, ask := range asks {
		for _, thing := range things {
			messages := user(fmt.Sprintf(ask, thing))
			opts := lm.GenerateOptions{MaxTokens: 10, Alternatives: 3}
			want, err := exact.Generate(t.Context(), messages, opts)
			if err != nil {
				t.Fatal(err)
			}
			got, err := fast.Generate(t.Context(), messages, opts)
			if err != nil {
				t.Fatal(err)
			}
			if got.Text == want.Text {
				continue
			}
			different++
			if gap := firstGap(want, got); !(gap <= 0.2) {
				t.Errorf("%q: fast says %q, float32 %q, which prefers its token by %.2f nats", messages[0].Content, got.Text, want.Text, gap)
			}
		}
	}
	t.Logf("%d of %d texts differ", different, len(asks)*len(things))
	if different > 7 {
		t.Errorf("%d texts differ, want at most 7", different)
	}
}

// firstGap is by how much want's distribution prefers its own token where got first takes another.
func firstGap(want, got generate.Result) float64 {
	for i, c := range want.Choices {
		if i < len(got.Choices) && got.Choices[i].Token == c.Token {
			continue
		}
		for _, a := range c.Alternatives {
			if i < len(got.Choices) && a.Token == got.Choices[i].Token {
				return c.Logprob - a.Logprob
			}
		}
		return math.Inf(1)
	}
	return 0
}

// The divergence KL(float32 ‖ fast) of the next token is on average at most 1e-3 nats.
func TestFastPrecisionDiverges(t *testing.T) {
	t.Parallel()
	path := golden.ModelPath(t)
	logits := map[compute.Precision][]float32{}
	tokens := make([]int32, 120) // prefilled at once, then one by one
	for i := range tokens {
		tokens[i] = int32((i*7919 + 17) % 40000)
	}
	var vocabulary int
	for _, precision := range []compute.Precision{compute.Float32, compute.Fast} {
		m, err := model.Open(t.Context(), path, model.Options{Precision: precision})
		if err != nil {
			t.Fatal(err)
		}
		vocabulary = m.Config().Vocab
		rows := make([]int, 100)
		for i := range rows {
			rows[i] = i
		}
		out := make([]float32, len(tokens)*vocabulary)
		c := m.NewCache(0)
		if err := m.ForwardRows(t.Context(), c, nil, tokens[:100], rows, out[:100*vocabulary]); err != nil {
			t.Fatal(err)
		}
		for i := 100; i < len(tokens); i++ {
			if err := m.Forward(t.Context(), c, nil, tokens[i:i+1], out[i*vocabulary:][:vocabulary]); err != nil {
				t.Fatal(err)
			}
		}
		logits[precision] = out
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, part := range map[string][2]int{"prefill": {0, 100}, "decode": {100, 120}} {
		sum := 0.0
		for i := part[0]; i < part[1]; i++ {
			sum += divergence(logits[compute.Float32][i*vocabulary:][:vocabulary], logits[compute.Fast][i*vocabulary:][:vocabulary])
		}
		mean := sum / float64(part[1]-part[0])
		t.Logf("%s: mean KL(float32 ‖ fast) is %.3g nats", name, mean)
		if !(mean <= 1e-3) {
			t.Errorf("%s: mean KL(float32 ‖ fast) is %g nats, want at most 1e-3", name, mean)
		}
	}
}

// divergence returns the Kullback-Leibler divergence of softmax(q) from softmax(p), in nats.
func divergence(p, q []float32) float64 {
	normaliser := func(x []float32) float64 {
		top, sum := float64(slices.Max(x)), 0.0
		for _, v := range x {
			sum += math.Exp(float64(v) - top)
		}
		return top + math.Log(sum)
	}
	zp, zq, kl := normaliser(p), normaliser(q), 0.0
	for i := range p {
		lp := float64(p[i]) - zp
		kl += math.Exp(lp) * (lp - (float64(q[i]) - zq))
	}
	return kl
}
