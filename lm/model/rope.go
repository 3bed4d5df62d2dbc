package model

import (
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/compute"
)

// Scaling says how the frequencies of rotary embedding were changed to reach further than the model was
// first trained for; the zero value is no change.
type Scaling struct {
	Kind   string  // "", "linear" or "llama3"
	Factor float64 // frequencies, or with llama3 the low ones, are divided by it

	// For llama3 only: between Original/HighFactor and Original/LowFactor positions of wavelength the
	// change sets in (Llama 3.1's reference code, apply_scaling).
	LowFactor, HighFactor float64
	Original              int
}

const (
	scalingLinear = "linear"
	scalingLlama3 = "llama3"
)

func (s Scaling) check() error {
	possible := true

	switch s.Kind {
	case scalingLinear:
		possible = positive(s.Factor)
	case scalingLlama3:
		possible = positive(s.Factor) && positive(s.LowFactor) && positive(s.HighFactor) &&
			s.LowFactor < s.HighFactor && s.Original > 0
	}

	if !possible {
		return fmt.Errorf("%w: impossible scaling of rotary embedding %+v", ErrMalformed, s)
	}

	return nil
}

// frequencies returns the angle from one position to the next of each pair of a head's elements: base^(-2j/dim)
// for pair j (Su et al. 2021), scaled. Roundings to float32 are those of transformers (modeling_rope_utils.py).
// The divisors [dim/2], if any, are what GGUF files have instead of Llama 3's scaling.
func (c Config) frequencies(divisors []float32) []float32 {
	out := make([]float32, c.HeadDim/2)

	for j := range out {
		f := float32(1 / math.Pow(c.RopeBase, float64(2*j)/float64(c.HeadDim)))

		switch c.RopeScaling.Kind {
		case scalingLinear:
			f /= float32(c.RopeScaling.Factor)
		case scalingLlama3:
			f = c.RopeScaling.llama3(f)
		}

		if divisors != nil {
			f /= divisors[j]
		}

		out[j] = f
	}

	return out
}

// llama3 divides long waves by the factor, leaves short ones and passes smoothly between them.
func (s Scaling) llama3(f float32) float32 {
	original := float32(s.Original)
	low, high, factor := float32(s.LowFactor), float32(s.HighFactor), float32(s.Factor)
	wave := 2 * math.Pi / f

	switch {
	case wave < original/high:
		return f
	case wave > original/low:
		return f / factor
	default:
		smooth := (original/wave - low) / (high - low)

		return (1-smooth)*f/factor + smooth*f
	}
}

// rotations is the table of cosines and sines for compute.Ops.Rotate. It has as many positions as were
// asked for so far: a long context that nobody uses costs nothing.
type rotations struct {
	frequencies []float32
	context     int
	table       compute.Tensor // [positions, head dim]
}

// The fewest positions of a table.
const leastRotations = 256

// reach makes the table cover the first n positions.
func (r *rotations) reach(b compute.Backend, o compute.Ops, n int) error {
	if n <= r.table.Rows {
		return nil
	}

	rows := leastRotations
	for rows < n {
		rows *= 2
	}

	rows = min(rows, r.context)

	table, err := b.Alloc(rows, 2*len(r.frequencies))
	if err != nil {
		return fmt.Errorf("model: rotary embedding: %w", err)
	}

	values := make([]float32, rows*table.Cols)
	half := len(r.frequencies)

	for p := range rows {
		row := values[p*table.Cols:]

		for j, f := range r.frequencies {
			sine, cosine := math.Sincos(float64(float32(p) * f))
			row[j], row[half+j] = float32(cosine), float32(sine)
		}
	}

	o.Write(table, values)

	if !r.table.IsZero() {
		b.Free(r.table)
	}

	r.table = table

	return nil
}
