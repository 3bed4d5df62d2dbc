package model

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/grokputer/grokputer/lm/gguf"
)

// readFile takes a model's description from a GGUF file's metadata. The keys are llama.cpp's (gguf-py,
// constants.py); they begin with the architecture's name.
func readFile(file *gguf.File) (*source, error) {
	name, err := file.String("general.architecture")
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}

	f, ok := familyOf(name)
	if !ok {
		return nil, fmt.Errorf("%w: architecture %q; known are %s", ErrUnsupported, name, strings.Join(familyNames(), ", "))
	}

	embedding, ok := file.Tensor(ggufNaming.of(partEmbedding, 0))
	if !ok {
		return nil, fmt.Errorf("%w: tensor %q is missing", ErrMalformed, ggufNaming.of(partEmbedding, 0))
	}

	m := metadata{file: file, architecture: name}
	c := Config{
		Architecture: name,
		Layers:       m.size("block_count", 0),
		Hidden:       m.size("embedding_length", 0),
		FeedForward:  m.size("feed_forward_length", 0),
		Heads:        m.size("attention.head_count", 0),
		Vocab:        embedding.Rows(),
		Context:      m.size("context_length", 0),
		RopeBase:     m.number("rope.freq_base", 10000),
		RopeScaling:  m.scaling(),
		NormEpsilon:  float32(m.number("attention.layer_norm_rms_epsilon", 0)),
	}
	c.KVHeads = m.size("attention.head_count_kv", c.Heads)
	c.HeadDim = m.size("attention.key_length", max(c.Hidden/c.Heads, 1))
	c.Window = m.window(f, c.Context)

	m.refuse("attention.value_length", c.HeadDim)
	m.refuse("rope.dimension_count", c.HeadDim)
	m.refuse("expert_count", 0)

	if m.err != nil {
		return nil, m.err
	}

	_, separate := file.Tensor(ggufNaming.of(partHead, 0))

	return &source{
		tensors: file, family: f, naming: &ggufNaming, permuted: f.permuted, tied: !separate, config: c,
	}, c.check()
}

// metadata reads keys of the architecture and keeps the first error.
type metadata struct {
	file         *gguf.File
	architecture string
	err          error
}

// size returns a positive integer, or preset if the key is missing and preset is not 0.
func (m *metadata) size(key string, preset int) int {
	value, err := m.file.Uint(m.architecture + "." + key)

	switch {
	case errors.Is(err, gguf.ErrMissing) && preset > 0:
		return preset
	case err != nil:
		m.fail(fmt.Errorf("model: %w", err))
	case value < 1 || value > math.MaxInt32:
		m.fail(fmt.Errorf("%w: %s.%s is %d", ErrMalformed, m.architecture, key, value))
	}

	return max(int(value&math.MaxInt32), 1)
}

func (m *metadata) number(key string, preset float64) float64 {
	value, err := m.file.Float(m.architecture + "." + key)
	if errors.Is(err, gguf.ErrMissing) && preset > 0 {
		return preset
	}

	if err != nil {
		m.fail(fmt.Errorf("model: %w", err))
	}

	return value
}

// scaling reads how rotary positions are scaled. As in llama.cpp, a factor without a type is a linear one,
// and rope.scale_linear is the factor's old name. (Llama 3's scaling is a tensor, see frequencies.)
func (m *metadata) scaling() Scaling {
	kind, err := m.file.String(m.architecture + ".rope.scaling.type")
	if errors.Is(err, gguf.ErrMissing) {
		kind, err = scalingLinear, nil
	}

	if err != nil {
		m.fail(fmt.Errorf("model: %w", err))
	}

	switch kind {
	case "none":
		return Scaling{}
	case scalingLinear:
		factor := m.number("rope.scaling.factor", m.number("rope.scale_linear", 1))
		if factor == 0 || factor == 1 { // llama.cpp writes 0 for none
			return Scaling{}
		}

		return Scaling{Kind: scalingLinear, Factor: factor}
	default:
		m.fail(fmt.Errorf("%w: rotary embedding with %q scaling", ErrUnsupported, kind))

		return Scaling{}
	}
}

// window reads the sliding window of all layers.
func (m *metadata) window(f family, context int) int {
	const key = "attention.sliding_window"

	if _, ok := m.file.Value(m.architecture + "." + key + "_pattern"); ok {
		m.fail(fmt.Errorf("%w: %s.%s_pattern", ErrUnsupported, m.architecture, key))
	}

	window, err := m.file.Uint(m.architecture + "." + key)

	switch {
	case errors.Is(err, gguf.ErrMissing) || err == nil && window == 0:
		return 0
	case err != nil:
		m.fail(fmt.Errorf("model: %w", err))
	case window >= uint64(context):
		return 0
	case !f.windows:
		m.fail(fmt.Errorf("%w: %s.%s is %d, less than the context of %d", ErrUnsupported, m.architecture, key, window, context))
	}

	return int(window & math.MaxInt32)
}

// refuse fails if the key is there with a value that the formulas here do not cover.
func (m *metadata) refuse(key string, want int) {
	value, err := m.file.Uint(m.architecture + "." + key)
	if err == nil && value != uint64(want) {
		m.fail(fmt.Errorf("%w: %s.%s is %d, only %d is known", ErrUnsupported, m.architecture, key, value, want))
	}
}

func (m *metadata) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}
