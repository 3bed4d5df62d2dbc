package lora_test

import (
	"encoding/binary"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

func openModel(t *testing.T, path string) *model.Model {
	t.Helper()
	m, err := model.Open(t.Context(), path, model.Options{Threads: 1, Precision: compute.Float32})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// merged writes the model at path with weight·scale·B·A of each part added to its
// float32 matrices. The rows of q and k are in llama.cpp's order in the file.
func merged(t *testing.T, path string, headDim int, parts ...lora.Weighted) string {
	t.Helper()
	f, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var w gguf.Writer
	for key, get := range map[string]func(string) (any, error){
		"general.architecture":                   func(k string) (any, error) { return f.String(k) },
		"llama.rope.freq_base":                   func(k string) (any, error) { x, err := f.Float(k); return float32(x), err },
		"llama.attention.layer_norm_rms_epsilon": func(k string) (any, error) { x, err := f.Float(k); return float32(x), err },
	} {
		value, err := get(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"block_count", "embedding_length", "feed_forward_length", "attention.head_count", "attention.head_count_kv", "context_length"} {
		n, err := f.Uint("llama." + key)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Set("llama."+key, uint32(n)); err != nil {
			t.Fatal(err)
		}
	}
	deltas := map[string][]float64{}
	for _, part := range parts {
		for p := range part.Adapter.Params() {
			if p.Matrix == lora.MatrixA {
				continue
			}
			pair := part.Adapter.At(p.Layer, p.Module)
			sum := product(pair, float64(part.Weight))
			name := []string{"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}[p.Module]
			name = "blk." + string(rune('0'+p.Layer)) + "." + name + ".weight"
			if deltas[name] == nil {
				deltas[name] = make([]float64, len(sum))
			}
			for i, x := range sum {
				row := i / pair.In
				if half := headDim / 2; p.Module <= lora.Key {
					row = row/headDim*headDim + row%half*2 + row%headDim/half
				}
				deltas[name][row*pair.In+i%pair.In] += x
			}
		}
	}
	for _, tensor := range f.Tensors() {
		tensor.Data = slices.Clone(tensor.Data)
		for i, x := range deltas[tensor.Name] {
			was := math.Float32frombits(binary.LittleEndian.Uint32(tensor.Data[4*i:]))
			binary.LittleEndian.PutUint32(tensor.Data[4*i:], math.Float32bits(float32(float64(was)+x)))
		}
		delete(deltas, tensor.Name)
		if err := w.Add(tensor); err != nil {
			t.Fatal(err)
		}
	}
	if len(deltas) != 0 {
		t.Fatalf("no tensors for %v", slices.Collect(maps.Keys(deltas)))
	}
	out := filepath.Join(t.TempDir(), "merged.gguf")
	if err := w.WriteFile(out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A model with a stack attached gives the logits of one whose weights have the sum of
// the parts' products added, and so does the stack after a GGUF file.
func TestStackThroughModel(t *testing.T) {
	t.Parallel()
	path := lmtest.TinyModel(t, 48)
	base := openModel(t, path)
	dims, headDim := base.Config().Dims(), base.Config().HeadDim
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func(c lora.Config) *lora.Adapter {
		a, err := lora.New(c, dims, 1)
		if err != nil {
			t.Fatal(err)
		}
		for p := range a.Params() {
			for i := range p.Data {
				p.Data[i] = float32(rng.NormFloat64() * 0.1)
			}
		}
		return a
	}
	parts := []lora.Weighted{
		{Adapter: draw(lora.Config{Rank: 4, Alpha: 8, Targets: lora.AllModules()}), Weight: 0.75},
		{Adapter: draw(lora.Config{Rank: 3, Alpha: 5, RSLoRA: true, Targets: []lora.Module{lora.Query, lora.Key, lora.Down}, Layers: []int{1}}), Weight: -1.25},
		{Adapter: draw(lora.Config{
			Rank: 2, Alpha: 6, Targets: []lora.Module{lora.Key, lora.Gate},
			RankPattern: []lora.Pattern[int]{{Key: "layers.0.*", Value: 6}}, AlphaPattern: []lora.Pattern[float64]{{Key: "gate_proj", Value: 1}},
		}), Weight: 2},
	}
	want := logits(t, openModel(t, merged(t, path, headDim, parts...)), nil)
	if d := distance(want, logits(t, base, nil)); d < 1 {
		t.Fatalf("the stack changes only %g", d)
	}
	stack, err := lora.Stack(parts...)
	if err != nil {
		t.Fatal(err)
	}
	family := lora.Family{Architecture: "llama", HeadDim: headDim}
	file, _ := savedGGUF(t, stack, family, lora.SaveOptions{})
	again, _, err := lora.LoadGGUF(file, dims, family, lora.Expect{})
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]*lora.Adapter{"memory": stack, "file": again} {
		if d := distance(logits(t, base, a), want); d > 1e-4 {
			t.Errorf("%s: logits differ by %g", name, d)
		}
	}
	for i, part := range parts { // and each part by itself
		want := logits(t, openModel(t, merged(t, path, headDim, lora.Weighted{Adapter: part.Adapter, Weight: 1})), nil)
		if d := distance(logits(t, base, part.Adapter), want); d > 1e-4 {
			t.Errorf("part %d: logits differ by %g", i, d)
		}
	}
}
