package model

import (
	"fmt"
	"math"
)

// rotations returns the table [Context, HeadDim] of cosines and sines for compute.Ops.Rotate: the
// angle of pair j at position p is p·base^(-2j/dim) (Su et al. 2021). Frequencies and angles are
// rounded to float32 as the reference implementation in transformers does. A tensor "rope_freqs.weight"
// [HeadDim/2], as Llama 3.1 has it, divides the frequencies.
func (l *loader) rotations(c Config) []float32 {
	half := c.HeadDim / 2
	frequencies := make([]float32, half)

	for j := range frequencies {
		frequencies[j] = float32(1 / math.Pow(c.RopeBase, float64(2*j)/float64(c.HeadDim)))
	}

	if t, ok := l.file.Tensor("rope_freqs.weight"); ok {
		divisors := make([]float32, half)
		if err := t.Dequantize(divisors); err != nil {
			l.fail(fmt.Errorf("model: %w", err))
		}

		for j := range frequencies {
			frequencies[j] /= divisors[j]
		}
	}

	table := make([]float32, c.Context*c.HeadDim)

	for p := range c.Context {
		row := table[p*c.HeadDim:]
		for j, f := range frequencies {
			sine, cosine := math.Sincos(float64(float32(p) * f))
			row[j], row[half+j] = float32(cosine), float32(sine)
		}
	}

	return table
}
