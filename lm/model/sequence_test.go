package model_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// batchOf makes n sequences of a model with caches of their own, and rooms for their logits.
func batchOf(m *model.Model, adapters ...*lora.Adapter) (sequences []model.Sequence, dst [][]float32) {
	for _, a := range adapters {
		sequences = append(sequences, model.Sequence{Cache: m.NewCache(40), Adapter: a})
		dst = append(dst, make([]float32, m.Config().Vocab))
	}

	return sequences, dst
}

// Sequences of all lengths and adapters that are computed together, step by step, have the reference's logits.
func TestForwardBatch(t *testing.T) {
	t.Parallel()

	net := newTiny(6)
	random := rand.New(rand.NewPCG(6, 6))

	for _, options := range []model.Options{{}, {BatchTokens: 5, Threads: 1}, {BatchTokens: 1}} {
		m := net.open(t, options)
		a, b := adapter(t, m, allModules(), 1), adapter(t, m, lora.Config{Rank: 2, Alpha: 4, Targets: []lora.Module{lora.Key, lora.Down}}, 2)

		for name, adapters := range map[string][]*lora.Adapter{
			"different": {nil, a, b, a, nil, b},
			"equal":     {a, a, a},
			"none":      {nil, nil},
			"one":       {b},
		} {
			sequences, dst := batchOf(m, adapters...)
			said := make([][]int32, len(sequences))

			for step := range 4 {
				for i := range sequences {
					sequences[i].Tokens = net.tokens(random, 1+(step+i)%3*4)
					said[i] = append(said[i], sequences[i].Tokens...)
				}

				if err := m.ForwardBatch(t.Context(), sequences, dst); err != nil {
					t.Fatal(err)
				}

				for i, s := range sequences {
					what := fmt.Sprintf("%+v, %s, step %d, sequence %d", options, name, step, i)
					want := run{tiny: net, adapter: s.Adapter}.logits(said[i])
					near(t, what, dst[i], want[len(want)-1], 2e-5)

					if s.Cache.Len() != len(said[i]) {
						t.Fatalf("%s: the cache holds %d tokens, want %d", what, s.Cache.Len(), len(said[i]))
					}
				}
			}

			// What one pass left in a cache, Forward goes on with.
			last := sequences[len(sequences)-1]
			next := net.tokens(random, 3)

			if err := m.Forward(t.Context(), last.Cache, last.Adapter, next, dst[0]); err != nil {
				t.Fatal(err)
			}

			want := run{tiny: net, adapter: last.Adapter}.logits(append(said[len(said)-1], next...))
			near(t, name+", alone after the batch", dst[0], want[len(want)-1], 2e-5)
		}
	}
}

func TestForwardBatchRefuses(t *testing.T) {
	t.Parallel()

	net := newTiny(7)
	m, other := net.open(t, model.Options{}), net.open(t, model.Options{})
	wide := adapter(t, m, allModules(), 1)
	wide.Layers[1][lora.Down].In++

	for _, c := range []struct {
		name   string
		change func(s []model.Sequence, dst [][]float32) ([]model.Sequence, [][]float32)
		want   error
	}{
		{"no sequences", func([]model.Sequence, [][]float32) ([]model.Sequence, [][]float32) { return nil, nil }, model.ErrInput},
		{"fewer results", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) { return s, d[:1] }, model.ErrInput},
		{"short result", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) {
			d[1] = d[1][1:]

			return s, d
		}, model.ErrInput},
		{"no tokens", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) {
			s[1].Tokens = nil

			return s, d
		}, model.ErrInput},
		{"token outside", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) {
			s[1].Tokens = []int32{96}

			return s, d
		}, model.ErrInput},
		{"equal caches", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) {
			s[1].Cache = s[0].Cache

			return s, d
		}, model.ErrInput},
		{"no cache", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) {
			s[1].Cache = nil

			return s, d
		}, model.ErrInput},
		{"cache of another model", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) {
			s[1].Cache = other.NewCache(0)

			return s, d
		}, model.ErrInput},
		{"full cache", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) {
			s[1].Tokens = make([]int32, 41)

			return s, d
		}, model.ErrFull},
		{"foreign adapter", func(s []model.Sequence, d [][]float32) ([]model.Sequence, [][]float32) {
			s[1].Adapter = wide

			return s, d
		}, lora.ErrMismatch},
	} {
		sequences, dst := batchOf(m, nil, nil)
		for i := range sequences {
			sequences[i].Tokens = []int32{1, 2}
		}

		changed, dst := c.change(slices.Clone(sequences), dst)
		if err := m.ForwardBatch(t.Context(), changed, dst); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}

		if sequences[0].Cache.Len() != 0 {
			t.Errorf("%s: a cache holds tokens after the error", c.name)
		}
	}
}

// A pass that is cancelled at any layer leaves all caches as they were.
func TestForwardBatchCancel(t *testing.T) {
	t.Parallel()

	net := newTiny(8)
	m := net.open(t, model.Options{BatchTokens: 4})
	sequences, dst := batchOf(m, nil, adapter(t, m, allModules(), 1))

	for i := range sequences {
		sequences[i].Tokens = make([]int32, 5)
	}

	for asked := 0; ; asked++ {
		ctx := lmtest.NewCountdown(t.Context(), asked)

		err := m.ForwardBatch(ctx, sequences, dst)
		if err == nil {
			// Three parts of two layers each, at least.
			if asked < 6 {
				t.Errorf("the context was asked %d times", asked)
			}

			return
		}

		for i, s := range sequences {
			if !errors.Is(err, context.Canceled) || s.Cache.Len() != 0 {
				t.Fatalf("cancelled after %d layers: %v, cache %d holds %d tokens", asked, err, i, s.Cache.Len())
			}
		}
	}
}

// A copied beginning is continued like the one that it was copied from, and each goes its own way.
func TestCacheCopyFrom(t *testing.T) {
	t.Parallel()

	net := newTiny(9)
	m, other := net.open(t, model.Options{}), net.open(t, model.Options{})
	tokens := net.tokens(rand.New(rand.NewPCG(9, 9)), 12)
	ways := [][]int32{{1, 2, 3}, {4, 5, 6}}
	logits := make([]float32, net.vocab)
	from, to := m.NewCache(30), m.NewCache(17)

	if err := m.Forward(t.Context(), from, nil, tokens, logits); err != nil {
		t.Fatal(err)
	}

	for n := range tokens {
		if err := to.CopyFrom(t.Context(), from, n); err != nil || to.Len() != n {
			t.Fatalf("copied %d of %d tokens, %v", to.Len(), n, err)
		}

		if err := from.CopyFrom(t.Context(), from, from.Len()); err != nil || from.Len() != len(tokens) {
			t.Fatalf("a copy of itself: %v, it holds %d tokens", err, from.Len())
		}

		for i, c := range []*model.Cache{from, to} {
			keep := c.Len()

			if err := m.Forward(t.Context(), c, nil, ways[i], logits); err != nil {
				t.Fatal(err)
			}

			want := run{tiny: net}.logits(append(slices.Clone(tokens[:keep]), ways[i]...))
			near(t, fmt.Sprintf("way %d after %d copied tokens", i, n), logits, want[len(want)-1], 2e-5)
			c.Truncate(keep)
		}
	}

	for name, c := range map[string]struct {
		got  error
		want error
	}{
		"more than there are": {to.CopyFrom(t.Context(), from, 13), model.ErrInput},
		"negative":            {to.CopyFrom(t.Context(), from, -1), model.ErrInput},
		"nothing":             {to.CopyFrom(t.Context(), nil, 0), model.ErrInput},
		"another model":       {other.NewCache(0).CopyFrom(t.Context(), from, 1), model.ErrInput},
		"too small":           {m.NewCache(3).CopyFrom(t.Context(), from, 4), model.ErrFull},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}

	if to.Len() != 11 {
		t.Errorf("after refused copies the cache holds %d tokens, want 11", to.Len())
	}

	if err := m.Close(); err != nil {
		t.Fatal(err)
	}

	if err := to.CopyFrom(t.Context(), from, 2); !errors.Is(err, compute.ErrClosed) || to.Len() != 0 {
		t.Errorf("after Close: %v, the cache holds %d tokens", err, to.Len())
	}
}

// Decoding several sequences together against one after the other.
func BenchmarkForwardBatch(b *testing.B) {
	const n, past = 8, 200
	m := openBase(b, model.Options{})

	for _, name := range []string{"together", "in turn"} {
		b.Run(name, func(b *testing.B) {
			sequences := make([]model.Sequence, n)
			dst := make([][]float32, n)

			for i := range sequences {
				sequences[i] = model.Sequence{Cache: m.NewCache(past + 8), Tokens: someTokens(past, m.Config().Vocab)}
				dst[i] = make([]float32, m.Config().Vocab)
			}

			if err := m.ForwardBatch(b.Context(), sequences, dst); err != nil {
				b.Fatal(err)
			}

			for b.Loop() {
				var err error

				for i := range sequences {
					sequences[i].Cache.Truncate(past)
					sequences[i].Tokens = sequences[i].Tokens[:1]

					if name == "in turn" {
						err = errors.Join(err, m.Forward(b.Context(), sequences[i].Cache, nil, sequences[i].Tokens, dst[i]))
					}
				}

				if name == "together" {
					err = m.ForwardBatch(b.Context(), sequences, dst)
				}

				if err != nil {
					b.Fatal(err)
				}
			}

			perSecond(b, n)
		})
	}
}
