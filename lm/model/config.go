package model

import (
	"errors"
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/lora"
)

// architecture is the one family whose tensors and formulas this package knows. It covers Llama,
// Mistral and SmolLM2 files.
const architecture = "llama"

// Config holds the sizes of a decoder.
type Config struct {
	Layers      int
	Hidden      int // width of the residual stream
	FeedForward int
	Heads       int // query heads
	KVHeads     int // key-value heads; each serves Heads/KVHeads query heads
	HeadDim     int
	Vocab       int
	Context     int // positions that the model was made for, or Options.Context if that is less
	RopeBase    float64
	NormEpsilon float32
}

// Dims returns the shapes of the linear layers that adapters attach to.
func (c Config) Dims() lora.Dims {
	query, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim

	return lora.Dims{
		Layers: c.Layers,
		Shapes: [lora.Modules]lora.Shape{
			lora.Query:  {In: c.Hidden, Out: query},
			lora.Key:    {In: c.Hidden, Out: kv},
			lora.Value:  {In: c.Hidden, Out: kv},
			lora.Output: {In: query, Out: c.Hidden},
			lora.Gate:   {In: c.Hidden, Out: c.FeedForward},
			lora.Up:     {In: c.Hidden, Out: c.FeedForward},
			lora.Down:   {In: c.FeedForward, Out: c.Hidden},
		},
	}
}

// readConfig takes the sizes from a file's metadata.
func readConfig(file *gguf.File, options Options) (Config, error) {
	name, err := file.String("general.architecture")
	if err != nil {
		return Config{}, fmt.Errorf("model: %w", err)
	}

	if name != architecture {
		return Config{}, fmt.Errorf("%w: architecture %q; take a GGUF file of architecture %q", ErrUnsupported, name, architecture)
	}

	embedding, ok := file.Tensor("token_embd.weight")
	if !ok {
		return Config{}, fmt.Errorf("%w: tensor %q is missing", ErrMalformed, "token_embd.weight")
	}

	m := metadata{file: file}
	c := Config{
		Layers:      m.size("block_count", 0),
		Hidden:      m.size("embedding_length", 0),
		FeedForward: m.size("feed_forward_length", 0),
		Heads:       m.size("attention.head_count", 0),
		Vocab:       embedding.Rows(),
		Context:     m.size("context_length", 0),
		RopeBase:    m.number("rope.freq_base", 10000),
		NormEpsilon: float32(m.number("attention.layer_norm_rms_epsilon", 0)),
	}
	c.KVHeads = m.size("attention.head_count_kv", c.Heads)
	c.HeadDim = m.size("attention.key_length", c.Hidden/max(c.Heads, 1))

	// A window that is never exceeded changes nothing, so the context is limited to it.
	c.Context = min(c.Context, m.size("attention.sliding_window", c.Context))
	if options.Context > 0 {
		c.Context = min(c.Context, options.Context)
	}

	m.refuse("attention.value_length", c.HeadDim)
	m.refuse("rope.dimension_count", c.HeadDim)
	m.refuse("expert_count", 0)
	m.refuseScaling()

	if m.err != nil {
		return Config{}, m.err
	}

	if c.Heads%c.KVHeads != 0 || c.HeadDim%2 != 0 || !(c.RopeBase > 0) || !(c.NormEpsilon > 0) {
		return Config{}, fmt.Errorf("%w: impossible sizes %+v", ErrMalformed, c)
	}

	return c, nil
}

// metadata reads keys of the architecture and keeps the first error.
type metadata struct {
	file *gguf.File
	err  error
}

// size returns a positive integer, or preset if the key is missing and preset is not 0.
func (m *metadata) size(key string, preset int) int {
	value, err := m.file.Uint(architecture + "." + key)

	switch {
	case errors.Is(err, gguf.ErrMissing) && preset > 0:
		return preset
	case err != nil:
		m.fail(fmt.Errorf("model: %w", err))
	case value < 1 || value > math.MaxInt32:
		m.fail(fmt.Errorf("%w: %s.%s is %d", ErrMalformed, architecture, key, value))
	}

	return max(int(value&math.MaxInt32), 1)
}

func (m *metadata) number(key string, preset float64) float64 {
	value, err := m.file.Float(architecture + "." + key)
	if errors.Is(err, gguf.ErrMissing) && preset > 0 {
		return preset
	}

	if err != nil {
		m.fail(fmt.Errorf("model: %w", err))
	}

	return value
}

// refuse fails if the key is there with a value that the formulas here do not cover.
func (m *metadata) refuse(key string, want int) {
	value, err := m.file.Uint(architecture + "." + key)
	if err == nil && value != uint64(want) {
		m.fail(fmt.Errorf("%w: %s.%s is %d, only %d is known", ErrUnsupported, architecture, key, value, want))
	}
}

func (m *metadata) refuseScaling() {
	kind, err := m.file.String(architecture + ".rope.scaling.type")
	if err == nil && kind != "none" {
		m.fail(fmt.Errorf("%w: rotary embedding with %q scaling", ErrUnsupported, kind))
	}
}

func (m *metadata) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}
