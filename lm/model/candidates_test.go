package model_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/model"
)

// Some tokens' logits are the reference's, alone and together with sequences that want others or all.
func TestCandidates(t *testing.T) {
	t.Parallel()

	net := newTiny(11)
	random := rand.New(rand.NewPCG(11, 11))

	for _, options := range []model.Options{{}, {BatchTokens: 4, Threads: 1}} {
		m := net.open(t, options)
		a := adapter(t, m, allModules(), 3)
		candidates := [][]int32{{5}, nil, {95, 0, 17, 16}, nil, net.tokens(random, 40)}
		sequences, dst := batchOf(m, nil, a, a, nil, nil)
		alone := m.NewCache(40)

		var said [][]int32

		for range sequences {
			said = append(said, net.tokens(random, 7))
		}

		for i := range sequences {
			sequences[i].Tokens, sequences[i].Candidates = said[i], candidates[i]
			if candidates[i] != nil {
				dst[i] = dst[i][:len(candidates[i])]
			}
		}

		if err := m.ForwardBatch(t.Context(), sequences, dst); err != nil {
			t.Fatal(err)
		}

		for i, s := range sequences {
			logits := run{tiny: net, adapter: s.Adapter}.logits(said[i])[6]

			want := logits
			if s.Candidates != nil {
				want = picked(logits, s.Candidates)
			}

			near(t, fmt.Sprintf("%+v, sequence %d", options, i), dst[i], want, 2e-5)

			alone.Truncate(0)

			for _, part := range [][]int32{said[i][:5], said[i][5:6], said[i][6:]} {
				if err := m.ForwardCandidates(t.Context(), alone, s.Adapter, part, []int32{3, 90}, dst[0][:0:0]); !errors.Is(err, model.ErrInput) {
					t.Errorf("no room: %v", err)
				}

				two := make([]float32, 2)
				if err := m.ForwardCandidates(t.Context(), alone, s.Adapter, part, []int32{90, 3}, two); err != nil {
					t.Fatal(err)
				}

				n := alone.Len()
				near(t, "alone", two, picked(run{tiny: net, adapter: s.Adapter}.logits(said[i][:n])[n-1], []int32{90, 3}), 2e-5)
			}
		}
	}
}

func picked(logits []float64, candidates []int32) []float64 {
	out := make([]float64, len(candidates))
	for i, id := range candidates {
		out[i] = logits[id]
	}

	return out
}

func TestCandidatesRefused(t *testing.T) {
	t.Parallel()

	net := newTiny(11)
	m := net.open(t, model.Options{})

	for _, c := range []struct {
		candidates []int32
		room       int
	}{{nil, 0}, {[]int32{}, 0}, {[]int32{1}, 2}, {[]int32{1, 96}, 2}, {[]int32{-1}, 1}} {
		cache, dst := m.NewCache(4), make([]float32, c.room)
		if err := m.ForwardCandidates(t.Context(), cache, nil, []int32{1}, c.candidates, dst); !errors.Is(err, model.ErrInput) || cache.Len() > 0 {
			t.Errorf("candidates %v with room for %d: %v", c.candidates, c.room, err)
		}

		s := model.Sequence{Cache: cache, Tokens: []int32{1}, Candidates: c.candidates}
		if err := m.ForwardBatch(t.Context(), []model.Sequence{s}, [][]float32{dst}); !errors.Is(err, model.ErrInput) || cache.Len() > 0 {
			t.Errorf("candidates %v of a sequence with room for %d: %v", c.candidates, c.room, err)
		}
	}
}

// Fewer rows of the head take less memory where they are unpacked one by one.
func TestForeseeCandidates(t *testing.T) {
	if os.Getenv("GROKPUTER_TEST_DEVICE") != "" {
		t.Skip("it is about the forms of weights that the processor makes")
	}

	t.Parallel()

	net := newTiny(11)
	m := net.open(t, model.Options{Precision: compute.Float32})
	whole := foresee(t, m, func(m *model.Model) error {
		return m.Forward(t.Context(), m.NewCache(4), nil, []int32{1}, make([]float32, net.vocab))
	})
	few := foresee(t, m, func(m *model.Model) error {
		return m.ForwardCandidates(t.Context(), m.NewCache(4), nil, []int32{1}, []int32{1, 2}, make([]float32, 2))
	})

	if few.Weights >= whole.Weights {
		t.Errorf("weights take %d bytes for two tokens' logits, %d for all", few.Weights, whole.Weights)
	}
}
