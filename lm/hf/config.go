package hf

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
)

// Config is what config.json says, under its names. What the file leaves out has the value that
// transformers' configuration class of that model type gives it, for the types llama, mistral, qwen2 and
// qwen3; sizes that no class can know are 0 then.
type Config struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures"`

	Layers      int     `json:"num_hidden_layers"`
	Hidden      int     `json:"hidden_size"`
	FeedForward int     `json:"intermediate_size"`
	Heads       int     `json:"num_attention_heads"`
	KVHeads     *int    `json:"num_key_value_heads"` // nil: as many as Heads
	HeadDim     *int    `json:"head_dim"`            // nil: Hidden/Heads
	Vocab       int     `json:"vocab_size"`
	Context     int     `json:"max_position_embeddings"`
	NormEpsilon float64 `json:"rms_norm_eps"`
	Activation  string  `json:"hidden_act"`
	Tied        bool    `json:"tie_word_embeddings"` // the output head is the embedding

	AttentionBias bool `json:"attention_bias"`
	MLPBias       bool `json:"mlp_bias"`

	Window          *int     `json:"sliding_window"`     // nil: none
	UseWindow       bool     `json:"use_sliding_window"` // Window counts
	MaxWindowLayers int      `json:"max_window_layers"`  // the first layer with a window
	LayerTypes      []string `json:"layer_types"`        // "full_attention" or "sliding_attention"; nil: by the fields above

	// Rope comes from rope_parameters as transformers 5 writes it, or from the older rope_theta and
	// rope_scaling.
	Rope Rope `json:"-"`

	// Quantization is the quant_method of weights that are no plain numbers; nil: they are.
	Quantization *Quantization `json:"quantization_config"`
}

// Rope holds the parameters of rotary position embedding.
type Rope struct {
	Type       string  `json:"rope_type"` // "default", "linear", "llama3", "yarn", ...
	Theta      float64 `json:"rope_theta"`
	Factor     float64 `json:"factor"`
	LowFactor  float64 `json:"low_freq_factor"`
	HighFactor float64 `json:"high_freq_factor"`
	Original   int     `json:"original_max_position_embeddings"`
	Partial    float64 `json:"partial_rotary_factor"` // the part of a head's elements that is rotated
}

// Quantization says how weights were packed.
type Quantization struct {
	Method string `json:"quant_method"`
}

// preset returns what transformers' configuration class of a model type assumes.
func preset(modelType string) Config {
	c := Config{ModelType: modelType, Activation: "silu", NormEpsilon: 1e-6}

	switch modelType {
	case "llama":
		c.Context = 2048
	case "mistral":
		c.Context, c.KVHeads, c.Window, c.UseWindow = 131072, new(8), new(4096), true
	case "qwen2", "qwen3":
		c.Context, c.KVHeads, c.Window, c.MaxWindowLayers = 32768, new(32), new(4096), 28
	}

	if modelType == "qwen3" {
		c.HeadDim = new(128)
	}

	return c
}

// ParseConfig reads the content of a config.json. Sizes are as written: what they mean for a model, and
// whether they are possible, is for the caller to decide.
func ParseConfig(data []byte) (Config, error) {
	var head struct {
		ModelType string `json:"model_type"`

		Theta      float64         `json:"rope_theta"`
		Partial    float64         `json:"partial_rotary_factor"`
		Scaling    json.RawMessage `json:"rope_scaling"`
		Parameters json.RawMessage `json:"rope_parameters"`
	}

	if err := json.Unmarshal(data, &head); err != nil {
		return Config{}, fmt.Errorf("%w: %s: %w", ErrFormat, configName, err)
	}

	if head.ModelType == "" {
		return Config{}, fmt.Errorf("%w: %s names no model_type", ErrFormat, configName)
	}

	c := preset(head.ModelType)
	if err := json.Unmarshal(data, &c); err != nil {
		return Config{}, fmt.Errorf("%w: %s: %w", ErrFormat, configName, err)
	}

	// 10000 and 1 are transformers' defaults for all model types.
	c.Rope = Rope{Theta: cmp.Or(head.Theta, 10000), Partial: cmp.Or(head.Partial, 1)}

	for _, parameters := range []json.RawMessage{head.Scaling, head.Parameters} {
		if err := c.Rope.merge(parameters); err != nil {
			return Config{}, fmt.Errorf("%w: %s: rotary embedding: %w", ErrFormat, configName, err)
		}
	}

	c.Rope.Type = cmp.Or(c.Rope.Type, "default")
	c.Rope.Original = cmp.Or(c.Rope.Original, c.Context)

	return c, nil
}

// merge sets what the object names; none, or null, changes nothing.
func (r *Rope) merge(object json.RawMessage) error {
	if object == nil {
		return nil
	}

	var values map[string]json.RawMessage
	if err := json.Unmarshal(object, &values); err != nil {
		return err
	}

	for key, value := range values {
		if bytes.HasPrefix(value, []byte("{")) {
			return fmt.Errorf("parameters for some layers only (%q) are not known", key)
		}
	}

	var old struct {
		Type string `json:"type"` // before rope_type
	}

	if err := json.Unmarshal(object, &old); err != nil {
		return err
	}

	r.Type = cmp.Or(old.Type, r.Type)

	return json.Unmarshal(object, r)
}
