package model

import (
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/lm/hf"
)

// readFolder takes a model's description from a folder's config.json.
func readFolder(f *folder) (*source, error) {
	said := f.Config()

	kind, ok := familyOf(said.ModelType)
	if !ok {
		return nil, fmt.Errorf("%w: model_type %q; known are %s", ErrUnsupported, said.ModelType, strings.Join(familyNames(), ", "))
	}

	if err := refuse(said); err != nil {
		return nil, err
	}

	c := Config{
		Architecture: said.ModelType,
		Layers:       said.Layers,
		Hidden:       said.Hidden,
		FeedForward:  said.FeedForward,
		Heads:        said.Heads,
		KVHeads:      said.Heads,
		Vocab:        said.Vocab,
		Context:      said.Context,
		RopeBase:     said.Rope.Theta,
		NormEpsilon:  float32(said.NormEpsilon),
	}

	if said.KVHeads != nil {
		c.KVHeads = *said.KVHeads
	}

	if said.HeadDim != nil {
		c.HeadDim = *said.HeadDim
	} else if c.Heads > 0 {
		c.HeadDim = c.Hidden / c.Heads
	}

	var err error

	if c.RopeScaling, err = scalingOf(said.Rope); err != nil {
		return nil, err
	}

	if c.Window, c.WindowFrom, err = windowOf(said); err != nil {
		return nil, err
	}

	if err := c.check(); err != nil {
		return nil, err
	}

	err = f.convert(func(name string) bool { return !folderNaming.follows(name) })

	return &source{tensors: f, family: kind, naming: &folderNaming, tied: said.Tied, config: c}, err
}

// refuse names what the formulas here do not cover.
func refuse(said hf.Config) error {
	for _, class := range said.Architectures {
		if !strings.HasSuffix(class, "ForCausalLM") {
			return fmt.Errorf("%w: architecture %q, only decoders with a language-model head are known", ErrUnsupported, class)
		}
	}

	switch {
	case said.Quantization != nil:
		return fmt.Errorf("%w: weights quantised by %q; take the folder of plain weights, or a GGUF file",
			ErrUnsupported, said.Quantization.Method)
	case said.Activation != "silu":
		return fmt.Errorf("%w: hidden_act %q, only \"silu\" is known", ErrUnsupported, said.Activation)
	case said.AttentionBias || said.MLPBias:
		return fmt.Errorf("%w: attention_bias or mlp_bias in a model of type %q", ErrUnsupported, said.ModelType)
	case said.Rope.Partial != 1:
		return fmt.Errorf("%w: partial_rotary_factor %g, only 1 is known", ErrUnsupported, said.Rope.Partial)
	default:
		return nil
	}
}

// scalingOf returns how rotary positions are scaled.
func scalingOf(said hf.Rope) (Scaling, error) {
	switch said.Type {
	case "default":
		return Scaling{}, nil
	case scalingLinear:
		return Scaling{Kind: scalingLinear, Factor: said.Factor}, nil
	case scalingLlama3:
		return Scaling{
			Kind: scalingLlama3, Factor: said.Factor, LowFactor: said.LowFactor, HighFactor: said.HighFactor,
			Original: said.Original,
		}, nil
	default:
		return Scaling{}, fmt.Errorf("%w: rotary embedding with %q scaling", ErrUnsupported, said.Type)
	}
}

// windowOf returns the sliding window, and the first layer with it. Layers without one must come first.
func windowOf(said hf.Config) (window, from int, err error) {
	if said.Window == nil || !said.UseWindow {
		return 0, 0, nil
	}

	if said.LayerTypes == nil {
		return *said.Window, max(said.MaxWindowLayers, 0), nil
	}

	if len(said.LayerTypes) != said.Layers {
		return 0, 0, fmt.Errorf("%w: %d layer_types for %d layers", ErrMalformed, len(said.LayerTypes), said.Layers)
	}

	for i, kind := range said.LayerTypes {
		switch {
		case kind == "full_attention" && from == i:
			from++
		case kind != "sliding_attention":
			return 0, 0, fmt.Errorf("%w: layer_types has %q at %d, after %d layers of full attention", ErrUnsupported, kind, i, from)
		}
	}

	return *said.Window, from, nil
}
