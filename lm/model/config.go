package model

import (
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/lora"
)

// Config holds the sizes of a decoder and the constants of its formulas.
type Config struct {
	Architecture string // "llama", "mistral", "qwen2" or "qwen3"

	Layers      int
	Hidden      int // width of the residual stream
	FeedForward int
	Heads       int // query heads
	KVHeads     int // key-value heads; each serves Heads/KVHeads query heads
	HeadDim     int
	Vocab       int
	Context     int // positions that the model was made for, or Options.Context if that is less

	// Window is how many positions a token sees at most in the layers from WindowFrom on, its own
	// included; 0 means all.
	Window     int
	WindowFrom int

	RopeBase    float64
	RopeScaling Scaling
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

// check refuses what no model can have, and what would leave the range of the formulas.
func (c Config) check() error {
	for _, size := range []struct {
		name  string
		value int
	}{
		{"layers", c.Layers}, {"hidden size", c.Hidden}, {"feed-forward size", c.FeedForward}, {"heads", c.Heads},
		{"key-value heads", c.KVHeads}, {"head size", c.HeadDim}, {"vocabulary", c.Vocab}, {"context", c.Context},
	} {
		if size.value < 1 || size.value > math.MaxInt32 {
			return fmt.Errorf("%w: %s is %d", ErrMalformed, size.name, size.value)
		}
	}

	possible := c.Heads%c.KVHeads == 0 && c.HeadDim%2 == 0 && c.Window >= 0 && c.WindowFrom >= 0 &&
		positive(c.RopeBase) && positive(float64(c.NormEpsilon))
	if !possible {
		return fmt.Errorf("%w: impossible sizes %+v", ErrMalformed, c)
	}

	return c.RopeScaling.check()
}

// limited returns c for at most so many positions; 0 means all.
func (c Config) limited(context int) Config {
	if context > 0 {
		c.Context = min(c.Context, context)
	}

	// A window that is never exceeded changes nothing.
	if c.Window >= c.Context || c.WindowFrom >= c.Layers {
		c.Window, c.WindowFrom = 0, 0
	}

	return c
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }
