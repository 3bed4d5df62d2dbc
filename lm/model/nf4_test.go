package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// A model opened with NF4 computes what one does whose file has the values that NF4 leaves in its linear layers; what
// the file has quantised stays as it is.
func TestNF4(t *testing.T) {
	t.Parallel()

	cases, _ := readFamilies(t)

	for _, c := range cases.Cases {
		plain := c.Name == "F32" || c.Name == "F16" || c.Name == "BF16"
		if !plain && c.Name != "Q4_0" && c.Name != "Q6_K" {
			continue
		}

		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()

			reference := c.changed(t, cases.Kinds, func(w gguf.Tensor) gguf.Tensor {
				if !plain || !strings.HasPrefix(w.Name, "blk.") || strings.Contains(w.Name, "norm") {
					return w
				}

				return rounded(t, w)
			})

			paths := []string{c.file(t, cases.Kinds)}
			if plain {
				paths = append(paths, c.folder(t, cases.Kinds, 2))
			}

			for _, precision := range []compute.Precision{compute.Float32, compute.Fast} {
				want := stepBits(t, reference, model.Options{Precision: precision}, cases.Tokens, false)

				for _, path := range paths {
					for _, onTheFly := range []bool{false, true} {
						options := model.Options{Precision: precision, NF4: true, DequantizeOnTheFly: onTheFly}
						if !slices.Equal(stepBits(t, path, options, cases.Tokens, false), want) {
							t.Errorf("%s, %+v: other numbers than with the values of NF4", path, options)
						}
					}
				}
			}
		})
	}
}

// rounded returns what NF4 makes of a tensor, in its own type's stead as F32.
func rounded(tb testing.TB, w gguf.Tensor) gguf.Tensor {
	tb.Helper()

	quantised, err := gguf.QuantizeNF4(w)
	if err != nil {
		tb.Fatal(err)
	}

	values := make([]float32, elements(w.Shape))
	if err := quantised.Dequantize(values); err != nil {
		tb.Fatal(err)
	}

	return gguf.Tensor{Name: w.Name, Type: gguf.F32, Shape: w.Shape, Data: safetensors.NewF32("", w.Shape, values).Data}
}

// What Open quantises counts as memory, to the byte, and rows that are no whole blocks are refused.
func TestNF4Memory(t *testing.T) {
	t.Parallel()

	cases, _ := readFamilies(t)
	find := func(name string) string {
		for _, c := range cases.Cases {
			if c.Name == name {
				return c.folder(t, cases.Kinds, 1)
			}
		}

		t.Fatalf("no case %s", name)

		return ""
	}

	m, err := model.Open(t.Context(), find("BF16"), model.Options{NF4: true, DequantizeOnTheFly: true})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = m.Close() })

	want := int64(0)
	c := m.Config()
	query, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim

	for _, shape := range [][2]int{
		{query, c.Hidden}, {kv, c.Hidden}, {kv, c.Hidden}, {c.Hidden, query},
		{c.FeedForward, c.Hidden}, {c.FeedForward, c.Hidden}, {c.Hidden, c.FeedForward},
	} {
		blocks := shape[0] * shape[1] / 64
		want += int64(c.Layers * (33*blocks + 4*(16+256+1+(blocks+255)/256)))
	}

	need := foresee(t, m, func(m *model.Model) error {
		return m.Forward(t.Context(), m.NewCache(20), nil, make([]int32, 20), make([]float32, c.Vocab))
	})
	if need.Weights != want {
		t.Errorf("the weights take %d bytes, want %d", need.Weights, want)
	}

	if _, err := model.Open(t.Context(), find("llama"), model.Options{NF4: true}); !errors.Is(err, gguf.ErrUnsupported) {
		t.Errorf("rows of 32: %v", err)
	}
}
