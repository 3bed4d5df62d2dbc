package lora_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// The keys are matched as PEFT's get_pattern_key does.
func TestPatterns(t *testing.T) {
	t.Parallel()
	cfg := lora.Config{
		Rank: 4, Alpha: 8, Targets: []lora.Module{lora.Query, lora.Down},
		RankPattern: []lora.Pattern[int]{
			{Key: "layers.1.self_attn.q_proj", Value: 2},
			{Key: "q_proj", Value: 3}, // not for layer 1, which an earlier key took
			{Key: "proj", Value: 9},   // ends nowhere behind a dot
			{Key: `^model\.layers\.[02]\.mlp\.(up|down)_proj`, Value: 5},
		},
		AlphaPattern: []lora.Pattern[float64]{{Key: "model.layers.2.mlp.down_proj", Value: 1}, {Key: `.*\.2\..*`, Value: 30}},
	}
	a, err := lora.New(cfg, dims(), 1)
	if err != nil {
		t.Fatal(err)
	}
	type pair struct {
		rank  int
		scale float32
	}
	for m, want := range map[lora.Module][]pair{
		lora.Query: {{3, 8.0 / 3}, {2, 4}, {3, 10}},
		lora.Down:  {{5, 8.0 / 5}, {4, 2}, {5, 1.0 / 5}},
	} {
		for i, w := range want {
			p := a.At(i, m)
			if p.Rank != w.rank || p.Scale != w.scale || len(p.A) != p.Rank*p.In || len(p.B) != p.Out*p.Rank {
				t.Errorf("layer %d %v: rank %d, scale %g, want %+v", i, m, p.Rank, p.Scale, w)
			}
		}
	}
	cfg.RSLoRA = true
	if a, err = lora.New(cfg, dims(), 1); err != nil || a.At(2, lora.Query).Scale != float32(30/math.Sqrt(3)) {
		t.Errorf("rsLoRA: %v, scale %g", err, a.At(2, lora.Query).Scale)
	}
}

func TestPatternsRefused(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"(":                            "missing closing )",
		")|(":                          "unexpected )",
		"(?!q)":                        "look-around",
		strings.Repeat("(x{9}){9}", 3): "",
		strings.Repeat("a{900}", 9):    "too large",
		strings.Repeat("a|", 600):      "at most",
	} {
		cfg := config()
		cfg.RankPattern = []lora.Pattern[int]{{Key: key, Value: 2}}
		_, err := lora.New(cfg, dims(), 1)
		if want == "" {
			if err != nil {
				t.Errorf("%.30s: %v", key, err)
			}
			continue
		}
		if !errors.Is(err, lora.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30s: got %v, want %q", key, err, want)
		}
	}
	cfg := config()
	cfg.Layers = []int{3}
	if _, err := lora.New(cfg, dims(), 1); !errors.Is(err, lora.ErrMismatch) {
		t.Errorf("layer 3 of 3: got %v", err)
	}
}

// shapes are the ranks and scales of an adapter by place.
func shapes(a *lora.Adapter) map[string][2]float64 {
	out := map[string][2]float64{}
	for p := range a.Params() {
		pair := a.At(p.Layer, p.Module)
		out[p.String()] = [2]float64{float64(pair.Rank), float64(pair.Scale)}
	}
	return out
}

// What is written is read with the very ranks and scales, whatever they are.
func TestSaveAndLoadPatterns(t *testing.T) {
	t.Parallel()
	uneven := config()
	uneven.RankPattern = []lora.Pattern[int]{{Key: "q_proj", Value: 3}, {Key: "layers.2.*", Value: 7}}
	uneven.AlphaPattern = []lora.Pattern[float64]{{Key: "layers.1.mlp.down_proj", Value: 0.7}}
	stabilised := uneven
	stabilised.RSLoRA = true
	some := config()
	some.Layers = []int{2, 0}
	scaled := filled(t, stabilised)
	for i := range scaled.Layers { // scales that no short alpha has
		for m, p := range scaled.Layers[i] {
			if p != nil {
				p.Scale = float32(math.Pi) / float32(7+i*m)
			}
		}
	}
	holes := filled(t, config())
	holes.Layers[0][lora.Query], holes.Layers[1] = nil, lora.Layer{}
	for name, a := range map[string]*lora.Adapter{
		"uneven": filled(t, uneven), "rsLoRA": filled(t, stabilised), "some layers": filled(t, some), "scaled": scaled, "holes": holes,
	} {
		dir, _ := saved(t, a, lora.SaveOptions{})
		b, _, err := lora.Load(dir, dims(), lora.Expect{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(shapes(a), shapes(b)) || !reflect.DeepEqual(elements(a), elements(b)) {
			t.Errorf("%s: read %v, written %v", name, shapes(b), shapes(a))
		}
		if b.Config.RSLoRA != a.Config.RSLoRA {
			t.Errorf("%s: rsLoRA is %v", name, b.Config.RSLoRA)
		}
	}
	dir, _ := saved(t, filled(t, some), lora.SaveOptions{})
	b, _, err := lora.Load(dir, dims(), lora.Expect{})
	if err != nil || !reflect.DeepEqual(b.Config.Layers, []int{0, 2}) {
		t.Errorf("layers %v, %v", b.Config.Layers, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, lora.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Targets []string `json:"target_modules"`
		Layers  []int    `json:"layers_to_transform"`
	}
	if err := json.Unmarshal(raw, &got); err != nil || len(got.Targets) != 3 || !reflect.DeepEqual(got.Layers, []int{0, 2}) {
		t.Errorf("written %+v, %v", got, err)
	}
}

// Settings by which PEFT would leave our tensors out are refused, others are not.
func TestTargets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		settings map[string]any
		covered  bool
	}{
		{map[string]any{"target_modules": nil}, true},
		{map[string]any{"target_modules": "ALL-linear"}, true},
		{map[string]any{"target_modules": []string{"q_proj"}}, true},
		{map[string]any{"target_modules": []string{"self_attn.q_proj", "x"}}, true},
		{map[string]any{"target_modules": []string{"model.layers.1.self_attn.q_proj"}}, true},
		{map[string]any{"target_modules": []string{"1.self_attn.q_proj"}}, true},
		{map[string]any{"target_modules": []string{"attn.q_proj"}}, false},
		{map[string]any{"target_modules": []string{"v_proj"}}, false},
		{map[string]any{"target_modules": []string{}}, false},
		{map[string]any{"target_modules": `.*\.self_attn\.(q|k)_proj`}, true},
		{map[string]any{"target_modules": `q_proj`}, false}, // has to match the whole name
		{map[string]any{"target_modules": []string{"q_proj"}, "layers_to_transform": 1}, true},
		{map[string]any{"target_modules": []string{"q_proj"}, "layers_to_transform": []int{0, 1}}, true},
		{map[string]any{"target_modules": []string{"q_proj"}, "layers_to_transform": []int{0, 2}}, false},
		{map[string]any{"target_modules": []string{"q_proj"}, "layers_to_transform": []int{}}, true},
		{map[string]any{"target_modules": []string{"q_proj"}, "layers_to_transform": []int{1}, "layers_pattern": "layers"}, true},
		{map[string]any{"target_modules": []string{"q_proj"}, "layers_to_transform": []int{1}, "layers_pattern": []string{"h", "layers"}}, true},
		{map[string]any{"target_modules": []string{"q_proj"}, "layers_to_transform": []int{1}, "layers_pattern": "h"}, false},
		{map[string]any{"target_modules": []string{"q_proj"}, "exclude_modules": []string{"q_proj"}}, false},
		{map[string]any{"target_modules": []string{"q_proj"}, "exclude_modules": `.*\.0\..*`}, true},
		{map[string]any{"target_modules": []string{"q_proj"}, "exclude_modules": `.*\.1\..*`}, false},
		{map[string]any{"target_modules": `(`}, false},
	} {
		config := map[string]any{"peft_type": "LORA", "r": 4}
		maps.Copy(config, c.settings)
		_, _, err := lora.Load(foreign(t, config, queryPair()), dims(), lora.Expect{})
		if c.covered && err != nil || !c.covered && !errors.Is(err, lora.ErrInvalid) {
			t.Errorf("%v: got %v, want covered %v", c.settings, err, c.covered)
		}
	}
}

// Every feature that is refused is named.
func TestFeaturesAreNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value any
		says  string
	}{
		"use_dora": {true, "DoRA"}, "init_lora_weights": {"pissa", "PiSSA"}, "bias": {"lora_only", "trained biases"},
		"modules_to_save": {[]string{"lm_head"}, "trained whole"}, "trainable_token_indices": {[]int{1}, "trained embeddings"},
		"alora_invocation_tokens": {[]int{1}, "aLoRA"}, "target_parameters": {[]string{"x"}, "parameters outside"},
		"layer_replication": {[][]int{{0, 2}}, "repeated layers"}, "use_qalora": {true, "QALoRA"}, "kasa_config": {map[string]any{"beta": 1}, "KaSA"},
	} {
		config := map[string]any{"peft_type": "LORA", "r": 4, name: c.value}
		_, _, err := lora.Load(foreign(t, config, queryPair()), dims(), lora.Expect{})
		if !errors.Is(err, lora.ErrInvalid) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want %q", name, err, c.says)
		}
	}
	plain := map[string]any{"peft_type": "LORA", "r": 4, "R": 9, "USE_DORA": true}
	if _, _, err := lora.Load(foreign(t, plain, queryPair()), dims(), lora.Expect{}); err != nil {
		t.Errorf("keys that PEFT does not know: %v", err)
	}
	for name, says := range map[string]string{
		"base_model.model.model.layers.1.self_attn.q_proj.lora_magnitude_vector": "the magnitudes of DoRA",
		"base_model.model.model.embed_tokens.lora_embedding_A":                   "the embeddings",
		"base_model.model.lm_head.lora_A.weight":                                 "the output head",
		"base_model.model.model.layers.1.self_attn.q_proj.bias":                  "a bias",
		"base_model.model.model.layers.1.input_layernorm.weight":                 "a norm",
	} {
		tensors := append(queryPair(), safetensors.NewF32(name, []int{1}, make([]float32, 1)))
		_, _, err := lora.Load(foreign(t, map[string]any{"peft_type": "LORA", "r": 4}, tensors), dims(), lora.Expect{})
		if !errors.Is(err, lora.ErrInvalid) || !strings.Contains(err.Error(), "adapts "+says) {
			t.Errorf("%s: got %v, want %q", name, err, says)
		}
	}
}

// Another alpha changes how fast an adapter learns, not what it does.
func TestRescale(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.RankPattern = []lora.Pattern[int]{{Key: "v_proj", Value: 2}}
	cfg.AlphaPattern = []lora.Pattern[float64]{{Key: "q_proj", Value: 2}}
	a := filled(t, cfg)
	b := a.Clone()
	b.Rescale(32)
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			if p == nil {
				continue
			}
			q := b.At(i, lora.Module(m))
			if want := 32 / float32(p.Rank); q.Scale != want || b.Config.Alpha != 32 || b.Config.AlphaPattern != nil {
				t.Errorf("layer %d, module %d: scale %g, want %g", i, m, q.Scale, want)
			}
			for j := range p.B {
				if x, y := p.Scale*p.B[j], q.Scale*q.B[j]; math.Abs(float64(x-y)) > 1e-6*math.Abs(float64(x)) {
					t.Fatalf("scale x B[%d] is %g, was %g", j, y, x)
				}
			}
		}
	}
}
