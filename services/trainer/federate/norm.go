package federate

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/grokputer/grokputer/lm/lora"
)

// Norm is the L2 norm of all that an adapter adds to the weights of its base: the root of the
// sum over its pairs of the squared Frobenius norms of scale·B·A. That of a pair is the trace of
// (Bᵀ·B)·(A·Aᵀ), so that no product of full size is made.
func Norm(a *lora.Adapter) float64 {
	sum := 0.0
	for i := range a.Layers {
		for _, p := range a.Layers[i] {
			if p == nil {
				continue
			}
			left, right := dense(p.Out, p.Rank, p.B), dense(p.Rank, p.In, p.A)
			var bb, aa mat.Dense
			bb.Mul(left.T(), left)
			aa.Mul(right, right.T())
			trace := 0.0
			for r := range p.Rank {
				for c := range p.Rank {
					trace += bb.At(r, c) * aa.At(c, r)
				}
			}
			sum += float64(p.Scale) * float64(p.Scale) * max(0, trace)
		}
	}
	return math.Sqrt(sum)
}

// dense is a row-major matrix in float64.
func dense(rows, cols int, data []float32) *mat.Dense {
	d := mat.NewDense(rows, cols, nil)
	for i, x := range data {
		d.Set(i/cols, i%cols, float64(x))
	}
	return d
}
