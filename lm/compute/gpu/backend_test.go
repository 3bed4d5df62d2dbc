//go:build linux

package gpu_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// standIn opens a backend on the stand-in, or on one that has these libraries only.
func standIn(t *testing.T, kind driver.Kind, precision compute.Precision, libraries ...string) *gpu.Backend {
	t.Helper()

	folder, err := standin.Build()
	if len(libraries) > 0 {
		folder = t.TempDir()
		err = standin.Install(folder, libraries...)
	}

	if err != nil {
		t.Fatal(err)
	}

	b, err := gpu.New(gpu.Options{Kind: kind, Search: []string{folder}, Only: true, Precision: precision, Cache: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}

	return b
}

// A model computes on a card what it computes on the processor: logits of prompts and of single tokens, losses and the
// gradients of an adapter.
func TestModel(t *testing.T) {
	t.Parallel()

	path := lmtest.TinyModel(t, 48)

	want := computed(t, path, model.Options{Precision: compute.Float32})

	for _, c := range []struct {
		name      string
		kind      driver.Kind
		precision compute.Precision
		room      float64
		libraries []string
	}{
		{"hip float32", driver.HIP, compute.Float32, 1e-4, nil},
		{"hip bfloat16", driver.HIP, compute.BFloat16, 3e-2, nil},

		{"cuda float32", driver.CUDA, compute.Float32, 1e-4, nil},
		{"cuda bfloat16", driver.CUDA, compute.BFloat16, 3e-2, nil},
		{"hip float32, own products", driver.HIP, compute.Float32, 1e-4, []string{standin.HIP, standin.HIPRTC}},
		{"hip bfloat16, own products", driver.HIP, compute.BFloat16, 3e-2, []string{standin.HIP, standin.HIPRTC}},
		{"cuda bfloat16, own products", driver.CUDA, compute.BFloat16, 3e-2, []string{standin.CUDA, standin.NVRTC}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()

			got := computed(t, path, model.Options{Backend: standIn(t, c.kind, c.precision, c.libraries...)})
			for name, values := range want {
				if d := distance(got[name], values); !(d <= c.room) {
					t.Errorf("%s is off by %.2g of its size, want at most %g", name, d, c.room)
				}
			}
		})
	}
}

// computed returns all that a model computes.
func computed(t *testing.T, path string, options model.Options) map[string][]float32 {
	t.Helper()

	m, err := model.Open(t.Context(), path, options)
	if err != nil {
		t.Fatal(err)
	}

	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()

	t.Log(m.Backend())

	random := rand.New(rand.NewPCG(1, 2))
	tokens := func(n int) []int32 {
		list := make([]int32, n)
		for i := range list {
			list[i] = random.Int32N(int32(m.Config().Vocab))
		}

		return list
	}

	config := lora.DefaultConfig()
	config.Rank, config.Dropout = 4, 0.1

	adapter, err := lora.New(config, m.Config().Dims(), 1)
	if err != nil {
		t.Fatal(err)
	}

	for p := range adapter.Params() {
		for i := range p.Data {
			p.Data[i] += 0.03 * float32(random.NormFloat64())
		}
	}

	all := map[string][]float32{}

	for _, a := range []*lora.Adapter{nil, adapter} {
		name := "alone"
		if a != nil {
			name = "adapted"
		}

		cache := m.NewCache(64)
		for _, n := range []int{21, 1, 3, 12} {
			logits := make([]float32, m.Config().Vocab)
			if err := m.Forward(t.Context(), cache, a, tokens(n), logits); err != nil {
				t.Fatal(err)
			}

			all[name+" logits "+string(rune('a'+n))] = logits
		}

		cache.Close()
	}

	b := model.Batch{Tokens: tokens(37), Starts: []int{0, 13, 20}, DropoutSeed: 7}
	b.Labels = tokens(37)

	for i := range b.Labels {
		if i%3 == 0 {
			b.Labels[i] = -1
		}
	}

	for _, recompute := range []bool{false, true} {
		b.Recompute = recompute
		grad := lora.ZerosLike(adapter)

		loss, _, err := m.Gradients(t.Context(), b, adapter, grad)
		if err != nil {
			t.Fatal(err)
		}

		all["loss"] = []float32{float32(loss)}

		for p := range grad.Params() {
			all[p.String()] = p.Data
		}
	}

	return all
}

// distance is the Euclidean one in parts of want's length.
func distance(got, want []float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}

	apart, size := 0.0, 0.0

	for i := range want {
		d := float64(got[i]) - float64(want[i])
		apart += d * d
		size += float64(want[i]) * float64(want[i])
	}

	return math.Sqrt(apart / max(size, 1e-30))
}
