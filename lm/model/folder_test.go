package model_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/hf"
	"github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// named returns the stored case of that name.
func (f familyCases) named(tb testing.TB, name string) familyCase {
	tb.Helper()

	i := slices.IndexFunc(f.Cases, func(c familyCase) bool { return c.Name == name })
	if i < 0 {
		tb.Fatalf("no case %q", name)
	}

	return f.Cases[i]
}

// saying returns the case with other values in its config.json; nil removes a key.
func (c familyCase) saying(tb testing.TB, changes map[string]any) familyCase {
	tb.Helper()

	var config map[string]any
	if err := json.Unmarshal(c.Config, &config); err != nil {
		tb.Fatal(err)
	}

	maps.Copy(config, changes)
	maps.DeleteFunc(config, func(_ string, value any) bool { return value == nil })

	var err error
	if c.Config, err = json.Marshal(config); err != nil {
		tb.Fatal(err)
	}

	return c
}

func TestFolderRefuses(t *testing.T) {
	t.Parallel()

	type values = map[string]any

	cases, _ := readFamilies(t)
	rope := func(parameters values) values { return values{"rope_parameters": parameters} }

	for _, c := range []struct {
		name, base string
		changes    values
		want       error
		says       string
	}{
		{"another type", "llama", values{"model_type": "gpt2"}, model.ErrUnsupported, `"gpt2"; known are llama, mistral, qwen2, qwen3`},
		{"a classifier", "llama", values{"architectures": []string{"LlamaForSequenceClassification"}}, model.ErrUnsupported, "Classification"},
		{"packed weights", "llama", values{"quantization_config": values{"quant_method": "bitsandbytes"}}, model.ErrUnsupported, "bitsandbytes"},
		{"another activation", "llama", values{"hidden_act": "gelu"}, model.ErrUnsupported, "gelu"},
		{"biases everywhere", "llama", values{"attention_bias": true}, model.ErrUnsupported, "attention_bias"},
		{"partly rotated heads", "llama", values{"partial_rotary_factor": 0.5}, model.ErrUnsupported, "partial_rotary_factor 0.5"},
		{"YaRN", "llama", rope(values{"rope_type": "yarn", "factor": 2}), model.ErrUnsupported, "yarn"},
		{"long rope", "qwen3", rope(values{"rope_type": "longrope"}), model.ErrUnsupported, "longrope"},
		{"scaling without factor", "llama", rope(values{"rope_type": "linear"}), model.ErrMalformed, "scaling"},
		{"equal wavelengths", "llama", rope(values{"rope_type": "llama3", "factor": 2, "low_freq_factor": 1, "high_freq_factor": 1}), model.ErrMalformed, "scaling"},
		{"no layers", "llama", values{"num_hidden_layers": 0}, model.ErrMalformed, "layers is 0"},
		{"no heads", "qwen2", values{"num_attention_heads": nil}, model.ErrMalformed, "heads is 0"},
		{"negative size", "llama", values{"intermediate_size": -64}, model.ErrMalformed, "feed-forward size is -64"},
		{"uneven groups", "llama", values{"num_key_value_heads": 3}, model.ErrMalformed, "impossible sizes"},
		{"odd heads", "llama", values{"head_dim": 7}, model.ErrMalformed, "impossible sizes"},
		{"negative window", "mistral", values{"sliding_window": -1}, model.ErrMalformed, "impossible sizes"},
		{"other widths", "llama", values{"intermediate_size": 48}, model.ErrMalformed, "gate_proj"},
		{"more layers than tensors", "qwen3", values{"num_hidden_layers": 3, "layer_types": nil}, model.ErrMalformed, "model.layers.2."},
		{"fewer layers than tensors", "llama", values{"num_hidden_layers": 1}, model.ErrUnsupported, "model.layers.1."},
		{"a head that is missing", "qwen2, tied", values{"tie_word_embeddings": false}, model.ErrMalformed, "lm_head.weight"},
		{"biases of another family", "qwen2", values{"model_type": "llama"}, model.ErrUnsupported, "_proj.bias"},
		{"norms of another family", "qwen3", values{"model_type": "llama"}, model.ErrUnsupported, "_norm.weight"},
		{"biases that are missing", "llama", values{"model_type": "qwen2"}, model.ErrMalformed, "q_proj.bias"},
		{
			"mixed layers", "qwen2, window in the upper layer", values{"layer_types": []string{"sliding_attention", "full_attention"}},
			model.ErrUnsupported, `"full_attention" at 1`,
		},
		{"too few layer types", "qwen2, window in the upper layer", values{"layer_types": []string{"full_attention"}}, model.ErrMalformed, "1 layer_types"},
		{"no configuration", "llama", values{"model_type": nil}, hf.ErrFormat, "model_type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()

			m, err := model.Open(t.Context(), cases.named(t, c.base).saying(t, c.changes).folder(t, cases.Kinds, 1), model.Options{})
			if err == nil {
				_ = m.Close()
			}

			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Open returned %v, want %v with %q", err, c.want, c.says)
			}
		})
	}
}

// Old folders hold tables that follow from the sizes, and heads that are the embedding once more.
func TestFolderWithNeedlessTensors(t *testing.T) {
	t.Parallel()

	cases, logits := readFamilies(t)
	i := slices.IndexFunc(cases.Cases, func(c familyCase) bool { return c.Name == "llama, tied, a key for each query" })
	want := logits[i*len(logits)/len(cases.Cases):][:len(logits)/len(cases.Cases)]
	path := filepath.Join(cases.Cases[i].folder(t, cases.Kinds, 1), "model.safetensors")

	file, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}

	tensors := append(file.Tensors(),
		safetensors.NewF32("model.layers.0.self_attn.rotary_emb.inv_freq", []int{4}, make([]float32, 4)),
		safetensors.NewF32("lm_head.weight", []int{1}, []float32{1}))
	if err := errors.Join(safetensors.Write(path+".new", tensors, nil), file.Close(), os.Rename(path+".new", path)); err != nil {
		t.Fatal(err)
	}

	compareFamily(t, filepath.Dir(path), cases.Tokens, want)

	header := `{"steps":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`
	content := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)

	if err := os.WriteFile(path, append(content, make([]byte, 8)...), 0o600); err != nil {
		t.Fatal(err)
	}

	if m, err := model.Open(t.Context(), filepath.Dir(path), model.Options{}); !errors.Is(err, model.ErrUnsupported) || !strings.Contains(err.Error(), "I64") {
		t.Errorf("integers among the weights: %v, %v", m, err)
	}
}

func TestWindowOfConfig(t *testing.T) {
	t.Parallel()

	cases, _ := readFamilies(t)

	for _, c := range []struct {
		name         string
		context      int
		window, from int
	}{
		{"llama", 0, 0, 0},
		{"mistral", 0, 6, 0},
		{"mistral", 7, 6, 0},
		{"mistral", 6, 0, 0}, // never exceeded
		{"qwen2, window in the upper layer", 0, 5, 1},
	} {
		m, err := model.Open(t.Context(), cases.named(t, c.name).folder(t, cases.Kinds, 1), model.Options{Context: c.context})
		if err != nil {
			t.Fatal(err)
		}

		if got := m.Config(); got.Window != c.window || got.WindowFrom != c.from {
			t.Errorf("%s in a context of %d: window %d from layer %d, want %d from %d", c.name, c.context, got.Window, got.WindowFrom, c.window, c.from)
		}

		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}
