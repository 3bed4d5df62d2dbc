package model_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// near checks each element against the reference.
func near(tb testing.TB, what string, got []float32, want []float64, tolerance float64) {
	tb.Helper()

	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= tolerance) {
			tb.Errorf("%s: element %d is %g, want %g", what, i, got[i], w)

			return
		}
	}
}

func indexes(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}

	return rows
}

func TestForward(t *testing.T) {
	t.Parallel()

	net := newTiny(1)
	tokens := net.tokens(rand.New(rand.NewPCG(1, 1)), 23)

	for _, options := range []model.Options{{}, {BatchTokens: 5, Threads: 1}} {
		m := net.open(t, options)

		for name, a := range map[string]*lora.Adapter{"base": nil, "adapter": adapter(t, m, allModules(), 3)} {
			want := slices.Concat(run{tiny: net, adapter: a}.logits(tokens)...)

			// All at once.
			got := make([]float32, len(want))
			if err := m.ForwardRows(t.Context(), m.NewCache(0), a, tokens, indexes(len(tokens)), got); err != nil {
				t.Fatal(err)
			}

			near(t, name, got, want, 2e-5)

			// A few at a time: the cache and the products for few rows come in.
			c := m.NewCache(len(tokens))
			last := make([]float32, net.vocab)

			for at := 0; at < len(tokens); {
				end := min(at+1+at%5, len(tokens))
				if err := m.Forward(t.Context(), c, a, tokens[at:end], last); err != nil {
					t.Fatal(err)
				}

				near(t, name+", cached", last, want[(end-1)*net.vocab:end*net.vocab], 2e-5)

				if at = end; c.Len() != at {
					t.Errorf("the cache holds %d tokens after %d", c.Len(), at)
				}
			}
		}
	}
}

// A truncated cache continues like a new one with the same beginning.
func TestCacheTruncate(t *testing.T) {
	t.Parallel()

	net := newTiny(2)
	m := net.open(t, model.Options{})
	random := rand.New(rand.NewPCG(2, 2))
	first, second := net.tokens(random, 12), net.tokens(random, 9)
	copy(second, first[:7])

	got, want := make([]float32, net.vocab), make([]float32, net.vocab)
	c := m.NewCache(0)

	for _, step := range []struct {
		c      *model.Cache
		tokens []int32
		keep   int
		dst    []float32
	}{{c, first, 0, got}, {c, second[7:], 7, got}, {m.NewCache(0), second, 0, want}} {
		step.c.Truncate(step.keep)

		if err := m.Forward(t.Context(), step.c, nil, step.tokens, step.dst); err != nil {
			t.Fatal(err)
		}
	}

	if c.Len() != len(second) {
		t.Errorf("the cache holds %d tokens, want %d", c.Len(), len(second))
	}

	near(t, "after truncation", got, float64s(want), 1e-5)

	// A closed cache is empty and usable.
	c.Close()

	if err := m.Forward(t.Context(), c, nil, second, got); err != nil {
		t.Fatal(err)
	}

	if !slices.Equal(got, want) {
		t.Error("a cache that was closed gives other logits")
	}
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}

	return out
}

// Passes of several goroutines with different adapters do not touch each other.
func TestConcurrentForward(t *testing.T) {
	t.Parallel()

	net := newTiny(4)
	m := net.open(t, model.Options{})
	tokens := net.tokens(rand.New(rand.NewPCG(4, 4)), 9)

	var group sync.WaitGroup

	for i := range 6 {
		var a *lora.Adapter
		if i > 0 {
			a = adapter(t, m, allModules(), uint64(i))
		}

		want := run{tiny: net, adapter: a}.logits(tokens)[len(tokens)-1]

		group.Go(func() {
			for range 20 {
				got := make([]float32, net.vocab)
				if err := m.Forward(t.Context(), m.NewCache(0), a, tokens, got); err != nil {
					t.Error(err)
				}

				near(t, "logits", got, want, 2e-5)
			}
		})
	}

	group.Wait()
}

// Neither a token nor a training step takes new memory: what is left are closures.
func TestSteadyAllocations(t *testing.T) { // not parallel: it counts allocations
	net := newTiny(5)
	m := net.open(t, model.Options{})
	a := adapter(t, m, allModules(), 1)
	grad := lora.ZerosLike(a)
	batch := someBatch(net, 1)
	c := m.NewCache(0)
	token, logits := []int32{1}, make([]float32, net.vocab)

	for name, step := range map[string]func() error{
		"token": func() error {
			c.Truncate(3)

			return m.Forward(t.Context(), c, a, token, logits)
		},
		"training step": func() error {
			_, _, err := m.Gradients(t.Context(), batch, a, grad)

			return err
		},
	} {
		if got := testing.AllocsPerRun(20, func() {
			if err := step(); err != nil {
				t.Error(err)
			}
		}); got > 8 {
			t.Errorf("%s: %g allocations", name, got)
		}
	}
}
