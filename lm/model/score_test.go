package model_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// logProbs returns the reference's of a continuation's tokens.
func (r run) logProbs(tokens, continuation []int32) []float64 {
	logits := r.logits(slices.Concat(tokens, continuation))
	out := make([]float64, len(continuation))

	for i, id := range continuation {
		row, total := logits[len(tokens)-1+i], 0.0
		for _, l := range row {
			total += math.Exp(l)
		}

		out[i] = row[id] - math.Log(total)
	}

	return out
}

func places(continuations [][]int32) [][]float64 {
	dst := make([][]float64, len(continuations))
	for i, t := range continuations {
		dst[i] = make([]float64, len(t))
	}

	return dst
}

// Continuations of all lengths are scored as if each were alone, in one pass or in as many as the memory asks for, and
// the cache goes on from the tokens before them.
func TestScore(t *testing.T) {
	t.Parallel()

	for _, window := range []int{0, 5} {
		net := newTinyOf(3, "llama", window)
		random := rand.New(rand.NewPCG(3, 3))
		tokens := net.tokens(random, 13)

		var continuations [][]int32
		for _, n := range []int{3, 1, 9, 1, 2, 12, 1} {
			continuations = append(continuations, net.tokens(random, n))
		}

		for _, options := range []model.Options{{}, {BatchTokens: 4}, {BatchTokens: 15, Threads: 1}} {
			m := net.open(t, options)

			for name, a := range map[string]*lora.Adapter{"base": nil, "adapter": adapter(t, m, allModules(), 3)} {
				for _, capacity := range []int{0, 24} { // all of the context, and just room for the longest
					c, at := m.NewCache(capacity), 0

					for _, n := range []int{7, 1, 5} {
						got := places(continuations)
						if err := m.Score(t.Context(), c, a, tokens[at:at+n], continuations, got); err != nil {
							t.Fatal(err)
						}

						if at += n; c.Len() != at {
							t.Errorf("the cache holds %d tokens after %d", c.Len(), at)
						}

						for i, continuation := range continuations {
							for j, want := range (run{tiny: net, adapter: a}).logProbs(tokens[:at], continuation) {
								if !(math.Abs(got[i][j]-want) <= 1e-5) {
									t.Fatalf("window %d, %+v, %s, after %d tokens: token %d of continuation %d has %g, want %g",
										window, options, name, at, j, i, got[i][j], want)
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestScoreRefuses(t *testing.T) {
	t.Parallel()

	net := newTiny(3)
	m := net.open(t, model.Options{BatchTokens: 4})
	good := [][]int32{{1, 2, 3}, {4}}

	for name, call := range map[string]struct {
		tokens        []int32
		continuations [][]int32
		dst           [][]float64
		want          error
	}{
		"no tokens":          {nil, good, places(good), model.ErrInput},
		"no continuations":   {[]int32{1}, nil, nil, model.ErrInput},
		"empty continuation": {[]int32{1}, [][]int32{{1}, {}}, [][]float64{{0}, {}}, model.ErrInput},
		"less room":          {[]int32{1}, good, [][]float64{{0, 0}, {0}}, model.ErrInput},
		"fewer results":      {[]int32{1}, good, places(good)[:1], model.ErrInput},
		"a foreign token":    {[]int32{1}, [][]int32{{1, 96}}, [][]float64{{0, 0}}, model.ErrInput},
		"a full cache":       {make([]int32, 9), good, places(good), model.ErrFull},
	} {
		c := m.NewCache(10)
		if err := m.Score(t.Context(), c, nil, call.tokens, call.continuations, call.dst); !errors.Is(err, call.want) || c.Len() > 0 {
			t.Errorf("%s: %v, want %v; the cache holds %d tokens", name, err, call.want, c.Len())
		}
	}

	if err := m.Score(t.Context(), m.NewCache(10), nil, make([]int32, 8), good, places(good)); err != nil {
		t.Errorf("just room: %v", err)
	}

	// Stopped anywhere, the cache is as before.
	for n := range 100 {
		c := m.NewCache(0)
		if err := m.Forward(t.Context(), c, nil, []int32{1, 2}, make([]float32, net.vocab)); err != nil {
			t.Fatal(err)
		}

		err := m.Score(lmtest.NewCountdown(t.Context(), n), c, nil, make([]int32, 9), good, places(good))
		if err == nil {
			if n < 5 {
				t.Errorf("the context was asked %d times", n)
			}

			return
		}

		if !errors.Is(err, context.Canceled) || c.Len() != 2 {
			t.Fatalf("stopped: %v, the cache holds %d tokens", err, c.Len())
		}
	}

	t.Error("never completed")
}

// Some completions after a long prompt, together and one after the other.
func BenchmarkScore(b *testing.B) {
	m := openBase(b, model.Options{})
	tokens := someTokens(400, m.Config().Vocab)
	c := m.NewCache(512)

	if err := m.Forward(b.Context(), c, nil, tokens, make([]float32, m.Config().Vocab)); err != nil {
		b.Fatal(err)
	}

	for _, n := range []int{4, 16} {
		var continuations [][]int32
		for i := range n {
			continuations = append(continuations, someTokens(5+i%5, m.Config().Vocab))
		}

		dst := places(continuations)

		for _, at := range []int{1, n} {
			b.Run(fmt.Sprintf("%d completions, %d at once", n, at), func(b *testing.B) {
				for b.Loop() {
					for first := 0; first < n; first += at {
						c.Truncate(399)

						if err := m.Score(b.Context(), c, nil, tokens[399:], continuations[first:first+at], dst[first:first+at]); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}
