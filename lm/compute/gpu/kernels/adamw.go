package kernels

import (
	"math"
)

// AdamW updates X with the gradient G times Factor, and the moments M and V, all float32 of one shape. The other numbers are those of a
// step, see Step.
type AdamW struct {
	X, G, M, V   View
	Beta1, Beta2 float32
	Rest1, Rest2 float32
	Size, Root   float32
	Keep         float32
	Epsilon      float32
	Factor       float32
	_            int32
}

// Step sets the numbers for step t (from 1), as lm/train has them.
func (k *AdamW) Step(t int, beta1, beta2, epsilon, decay, rate, factor float64) {
	k.Beta1, k.Beta2 = float32(beta1), float32(beta2)
	k.Rest1, k.Rest2 = float32(1-beta1), float32(1-beta2)
	k.Size = float32(rate / (1 - math.Pow(beta1, float64(t))))
	k.Root = float32(1 / (1 - math.Pow(beta2, float64(t))))
	k.Keep, k.Epsilon, k.Factor = float32(1-rate*decay), float32(epsilon), float32(factor)
}

// Call returns the launch.
func (k *AdamW) Call() Call {
	return elementwise("adamw", k.X.Rows, k.X.Cols, k)
}
