package hf_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/hf"
)

// What the published models' files say, as transformers 4 wrote them, and the forms of transformers 5.
func TestParseConfig(t *testing.T) {
	t.Parallel()

	plain := hf.Rope{Type: "default", Theta: 10000, Partial: 1}

	for name, c := range map[string]struct {
		json string
		want hf.Config
	}{
		"Llama 2": {
			`{"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":4096,"intermediate_size":11008,
			"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":32,"vocab_size":32000,"hidden_act":"silu",
			"max_position_embeddings":4096,"rms_norm_eps":1e-05,"rope_scaling":null,"tie_word_embeddings":false,"torch_dtype":"float16"}`,
			hf.Config{
				ModelType: "llama", Architectures: []string{"LlamaForCausalLM"}, Layers: 32, Hidden: 4096, FeedForward: 11008,
				Heads: 32, KVHeads: new(32), Vocab: 32000, Context: 4096, NormEpsilon: 1e-5, Activation: "silu",
				Rope: hf.Rope{Type: "default", Theta: 10000, Partial: 1, Original: 4096},
			},
		},
		"Llama 3.2": {
			`{"model_type":"llama","hidden_size":2048,"head_dim":64,"num_attention_heads":32,"num_key_value_heads":8,
			"max_position_embeddings":131072,"rms_norm_eps":1e-05,"rope_theta":500000.0,"tie_word_embeddings":true,
			"rope_scaling":{"factor":32.0,"high_freq_factor":4.0,"low_freq_factor":1.0,
			"original_max_position_embeddings":8192,"rope_type":"llama3"}}`,
			hf.Config{
				ModelType: "llama", Hidden: 2048, HeadDim: new(64), Heads: 32, KVHeads: new(8), Context: 131072, NormEpsilon: 1e-5,
				Activation: "silu", Tied: true,
				Rope: hf.Rope{Type: "llama3", Theta: 500000, Partial: 1, Factor: 32, LowFactor: 1, HighFactor: 4, Original: 8192},
			},
		},
		"scaling under its oldest name": {
			`{"model_type":"llama","rope_scaling":{"type":"linear","factor":2}}`,
			hf.Config{
				ModelType: "llama", Context: 2048, NormEpsilon: 1e-6, Activation: "silu",
				Rope: hf.Rope{Type: "linear", Theta: 10000, Partial: 1, Factor: 2, Original: 2048},
			},
		},
		"transformers 5": {
			`{"model_type":"llama","max_position_embeddings":64,"rope_theta":5,
			"rope_parameters":{"rope_type":"linear","factor":4.0,"rope_theta":20000.0,"partial_rotary_factor":0.5}}`,
			hf.Config{
				ModelType: "llama", Context: 64, NormEpsilon: 1e-6, Activation: "silu",
				Rope: hf.Rope{Type: "linear", Theta: 20000, Partial: 0.5, Factor: 4, Original: 64},
			},
		},
		"Mistral 7B v0.1": {
			`{"model_type":"mistral","sliding_window":4096,"max_position_embeddings":32768,"num_key_value_heads":8,"rope_theta":10000.0}`,
			hf.Config{
				ModelType: "mistral", KVHeads: new(8), Context: 32768, NormEpsilon: 1e-6, Activation: "silu", Window: new(4096),
				UseWindow: true, Rope: hf.Rope{Type: "default", Theta: 10000, Partial: 1, Original: 32768},
			},
		},
		"Mistral 7B v0.3": {
			`{"model_type":"mistral","sliding_window":null,"max_position_embeddings":32768,"rope_theta":1000000.0}`,
			hf.Config{
				ModelType: "mistral", KVHeads: new(8), Context: 32768, NormEpsilon: 1e-6, Activation: "silu",
				UseWindow: true, Rope: hf.Rope{Type: "default", Theta: 1e6, Partial: 1, Original: 32768},
			},
		},
		"Qwen2.5": {
			`{"model_type":"qwen2","max_window_layers":21,"num_key_value_heads":2,"sliding_window":32768,"use_sliding_window":false}`,
			hf.Config{
				ModelType: "qwen2", KVHeads: new(2), Context: 32768, NormEpsilon: 1e-6, Activation: "silu",
				Window: new(32768), MaxWindowLayers: 21, Rope: hf.Rope{Type: "default", Theta: 10000, Partial: 1, Original: 32768},
			},
		},
		"Qwen3": {
			`{"model_type":"qwen3","attention_bias":false,"max_window_layers":28,"sliding_window":null,"max_position_embeddings":40960}`,
			hf.Config{
				ModelType: "qwen3", HeadDim: new(128), KVHeads: new(32), Context: 40960, NormEpsilon: 1e-6, Activation: "silu",
				MaxWindowLayers: 28, Rope: hf.Rope{Type: "default", Theta: 10000, Partial: 1, Original: 40960},
			},
		},
		"another type": {
			`{"model_type":"gpt2","quantization_config":{"quant_method":"awq"},"layer_types":["full_attention"]}`,
			hf.Config{
				ModelType: "gpt2", NormEpsilon: 1e-6, Activation: "silu", LayerTypes: []string{"full_attention"},
				Quantization: &hf.Quantization{Method: "awq"}, Rope: plain,
			},
		},
	} {
		got, err := hf.ParseConfig([]byte(c.json))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}

func TestParseConfigRefuses(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct{ json, says string }{
		"nothing":           {"", "config.json"},
		"no object":         {"[]", "config.json"},
		"no type":           {`{"hidden_size":4}`, "model_type"},
		"text for a size":   {`{"model_type":"llama","hidden_size":"4"}`, "hidden_size"},
		"half a head":       {`{"model_type":"llama","head_dim":4.5}`, "head_dim"},
		"huge size":         {`{"model_type":"llama","hidden_size":1e30}`, "hidden_size"},
		"text for scaling":  {`{"model_type":"llama","rope_scaling":"linear"}`, "rotary embedding"},
		"number for a type": {`{"model_type":"llama","rope_scaling":{"type":3}}`, "rotary embedding"},
		"text for a factor": {`{"model_type":"llama","rope_parameters":{"factor":"2"}}`, "factor"},
		"scaling by layer": {
			`{"model_type":"qwen2","rope_parameters":{"full_attention":{"rope_theta":1.0}}}`, `"full_attention"`,
		},
	} {
		_, err := hf.ParseConfig([]byte(c.json))
		if !errors.Is(err, hf.ErrFormat) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want ErrFormat with %q", name, err, c.says)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(`{"model_type":"llama","hidden_size":64,"head_dim":null,"rope_scaling":{"type":"linear","factor":2.0}}`))
	f.Add([]byte(`{"model_type":"qwen3","rope_parameters":{"rope_type":"llama3","rope_theta":1e6,"low_freq_factor":1}}`))
	f.Add([]byte(`{"model_type":"mistral","sliding_window":4096,"layer_types":["sliding_attention"],"quantization_config":{}}`))

	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := hf.ParseConfig(data)
		if err != nil {
			if !errors.Is(err, hf.ErrFormat) {
				t.Errorf("%v is no ErrFormat", err)
			}

			return
		}

		if c.ModelType == "" || c.Rope.Type == "" || c.Rope.Theta == 0 || c.Rope.Partial == 0 {
			t.Errorf("%+v lacks what every configuration has", c)
		}
	})
}
