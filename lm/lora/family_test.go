package lora_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
)

// Set to write testdata/peers/ours anew, which PEFT and llama.cpp then read
// (tools/golden).
var update = flag.Bool("update", false, "write testdata/peers/ours anew")

const peers = "testdata/peers"

// The families and adapters of ../golden/peers.py.
func families() []string { return []string{"llama", "qwen2", "qwen3"} }
func adapters() []string { return []string{"patterns", "stabilised"} }

// tinyDims are the sizes of ../golden/peers.py.
func tinyDims() lora.Dims {
	return lora.Dims{Layers: 3, Shapes: [lora.Modules]lora.Shape{
		lora.Query: {In: 16, Out: 16}, lora.Key: {In: 16, Out: 8}, lora.Value: {In: 16, Out: 8}, lora.Output: {In: 16, Out: 16},
		lora.Gate: {In: 16, Out: 24}, lora.Up: {In: 16, Out: 24}, lora.Down: {In: 24, Out: 16},
	}}
}

func peftAdapter(t *testing.T, name string) *lora.Adapter {
	t.Helper()
	a, _, err := lora.Load(filepath.Join(peers, name), tinyDims(), lora.Expect{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// PEFT's folders have the ranks and scales that PEFT gives them.
func TestPEFTsPatterns(t *testing.T) {
	t.Parallel()
	for name, places := range map[string]map[string][2]float64{
		"patterns": {
			"layers.0.self_attn.q_proj.lora_A": {2, 6.0 / 2}, "layers.0.self_attn.k_proj.lora_A": {4, 6.0 / 4},
			"layers.0.self_attn.v_proj.lora_A": {4, 10.0 / 4}, "layers.1.self_attn.v_proj.lora_A": {4, 6.0 / 4},
			"layers.0.mlp.down_proj.lora_B": {4, 5.0 / 4}, "layers.2.mlp.down_proj.lora_B": {3, float64(float32(5.0 / 3))},
			"layers.1.mlp.up_proj.lora_B": {4, 5.0 / 4}, "layers.1.mlp.gate_proj.lora_B": {4, 6.0 / 4},
		},
		"stabilised": {
			"layers.0.self_attn.q_proj.lora_A": {4, 6.0 / 2}, "layers.0.self_attn.k_proj.lora_A": {4, 3.0 / 2},
			"layers.2.self_attn.k_proj.lora_A": {8, float64(float32(3 / math.Sqrt(8)))},
			"layers.2.mlp.down_proj.lora_A":    {8, float64(float32(6 / math.Sqrt(8)))},
		},
	} {
		a := peftAdapter(t, name)
		got := shapes(a)
		for at, want := range places {
			if got[at] != want {
				t.Errorf("%s: %s has rank and scale %v, want %v", name, at, got[at], want)
			}
		}
		if n := map[string]int{"patterns": 42, "stabilised": 12}[name]; len(got) != n || name == "stabilised" && a.At(1, lora.Query) != nil {
			t.Errorf("%s: %d matrices, want %d", name, len(got), n)
		}
	}
}

// logits are those after each of the tokens of ../golden/peers.py.
func logits(t *testing.T, m *model.Model, a *lora.Adapter) []float32 {
	t.Helper()
	cache, vocab := m.NewCache(64), m.Config().Vocab
	var all []float32
	for _, token := range []int32{3, 17, 4, 4, 29, 0, 11, 31, 8, 2, 17, 5} {
		row := make([]float32, vocab)
		if err := m.Forward(t.Context(), cache, a, []int32{token}, row); err != nil {
			t.Fatal(err)
		}
		all = append(all, row...)
	}
	return all
}

func distance(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i]-b[i])))
	}
	return worst
}

func floats(t *testing.T, path string) []float32 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// PEFT's adapters, and what we make of them as folders, GGUF files and stacks, give
// PEFT's logits.
func TestPEFTsLogits(t *testing.T) {
	t.Parallel()
	const allowed = 1e-4
	for _, family := range families() {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			m, err := model.Open(t.Context(), filepath.Join(peers, family+".gguf"), model.Options{Threads: 1, Precision: compute.Float32})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := m.Close(); err != nil {
					t.Error(err)
				}
			})
			plain := floats(t, filepath.Join(peers, family+".f32"))
			if d := distance(logits(t, m, nil), plain); d > allowed {
				t.Errorf("the base's logits differ by %g", d)
			}
			var parts []lora.Weighted
			for _, name := range adapters() {
				want := floats(t, filepath.Join(peers, family+"."+name+".f32"))
				if d := distance(want, plain); d < 1000*allowed {
					t.Fatalf("%s changes only %g", name, d)
				}
				theirs := peftAdapter(t, name)
				parts = append(parts, lora.Weighted{Adapter: theirs, Weight: 1})
				ours, _, err := lora.Load(filepath.Join(peers, "ours", name), m.Config().Dims(), lora.Expect{})
				if err != nil {
					t.Fatal(err)
				}
				file, _, err := lora.LoadGGUF(filepath.Join(peers, "ours", family+"."+name+".gguf"), m.Config().Dims(), lora.Family{Architecture: family, HeadDim: 8}, lora.Expect{})
				if err != nil {
					t.Fatal(err)
				}
				stack, err := lora.Stack(lora.Weighted{Adapter: theirs, Weight: 0.5}, lora.Weighted{Adapter: file, Weight: -0.25}, lora.Weighted{Adapter: ours, Weight: 0.75})
				if err != nil {
					t.Fatal(err)
				}
				for kind, a := range map[string]*lora.Adapter{"PEFT's folder": theirs, "our folder": ours, "our file": file, "stack": stack} {
					if d := distance(logits(t, m, a), want); d > allowed {
						t.Errorf("%s of %s: logits differ by %g", kind, name, d)
					}
				}
			}
			swapped, err := lora.Stack(parts[1], parts[0])
			if err != nil {
				t.Fatal(err)
			}
			both, err := lora.Stack(parts...)
			if err != nil {
				t.Fatal(err)
			}
			if d := distance(logits(t, m, both), logits(t, m, swapped)); d > allowed {
				t.Errorf("the order of a stack changes %g", d)
			}
		})
	}
}

// What we write is what PEFT and llama.cpp have read (testdata/peers/ours), and they
// gave PEFT's logits with it (../golden/ours.py, ../golden/llamacpp.py).
func TestPeersReadOurs(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	compare := func(name string) {
		path := filepath.Join(peers, "ours", name)
		got, err := os.ReadFile(filepath.Join(temp, name))
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is written with other bytes, %v", path, err)
		}
	}
	for _, name := range adapters() {
		a := peftAdapter(t, name)
		meta := lora.Metadata{BaseModel: "tiny/base"}
		if name == "stabilised" { // scales that no pattern of theirs has
			a.At(2, lora.Key).Scale *= 2
			for i := range a.At(2, lora.Key).B {
				a.At(2, lora.Key).B[i] /= 2
			}
		}
		if _, err := lora.Save(filepath.Join(temp, name), a, lora.SaveOptions{Metadata: meta}); err != nil {
			t.Fatal(err)
		}
		compare(filepath.Join(name, lora.ConfigFile))
		compare(filepath.Join(name, lora.WeightsFile))
		for _, family := range families() {
			file := family + "." + name + ".gguf"
			if _, err := lora.SaveGGUF(filepath.Join(temp, file), a, lora.Family{Architecture: family, HeadDim: 8}, lora.SaveOptions{Metadata: meta}); err != nil {
				t.Fatal(err)
			}
			compare(file)
		}
	}
}

// figures are what a peer measured with our files: the largest difference to PEFT's
// logits, and the largest change that the adapter makes.
type figures struct {
	Versions map[string]string `json:"versions"`
	Allowed  float64           `json:"allowed"`
	Figures  map[string]struct {
		Difference float64 `json:"difference"`
		Change     float64 `json:"change"`
	} `json:"figures"`
}

func TestPeersFigures(t *testing.T) {
	t.Parallel()
	for peer, n := range map[string]int{"peft": len(families()) * len(adapters()), "llamacpp": len(families())*len(adapters()) + 1} {
		b, err := os.ReadFile(filepath.Join(peers, peer+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var f figures
		if err := json.Unmarshal(b, &f); err != nil {
			t.Fatal(err)
		}
		if len(f.Figures) < n || len(f.Versions) == 0 || f.Allowed > 2e-3 {
			t.Errorf("%s: %+v, want %d figures", peer, f, n)
		}
		for name, x := range f.Figures {
			if x.Difference > f.Allowed || x.Change < 100*f.Allowed {
				t.Errorf("%s: %s: logits differ by %g, the adapter changes %g; allowed are %g", peer, name, x.Difference, x.Change, f.Allowed)
			}
		}
	}
}
