package gpu

import (
	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// Embed unpacks the rows of the table that the tokens name. Each part of a table fills those that it has.
func (o *ops) Embed(dst compute.Tensor, table compute.Weight, tokens []int32) {
	w, ok := o.weight(table)
	if !ok {
		return
	}

	defer o.Release(o.Mark())

	rows := values(o, tokens)
	for _, p := range w.parts {
		o.launch((&kernels.Dequantize{Dst: view(dst), W: p.stored, Rows: rows, Type: p.kind, Shift: -int32(p.first)}).Call())
	}
}

// Norm is RMSNorm.
func (o *ops) Norm(dst, x, gain compute.Tensor, epsilon float32) {
	o.launch((&kernels.Norm{Dst: view(dst), X: view(x), Gain: gain.Data, Epsilon: epsilon}).Call())
}

// NormBackward adds to dx.
func (o *ops) NormBackward(dx, dy, x, gain compute.Tensor, epsilon float32) {
	o.launch((&kernels.NormBackward{DX: view(dx), DY: view(dy), X: view(x), Gain: gain.Data, Epsilon: epsilon}).Call())
}

// NormHeads is RMSNorm of each head.
func (o *ops) NormHeads(dst, x, gain compute.Tensor, epsilon float32) {
	o.launch((&kernels.NormHeads{Dst: view(dst), X: view(x), Gain: gain.Data, Dim: int32(gain.Cols), Epsilon: epsilon}).Call())
}

// NormHeadsBackward sets dx.
func (o *ops) NormHeadsBackward(dx, dy, x, gain compute.Tensor, epsilon float32) {
	o.launch((&kernels.NormHeadsBackward{
		DX: view(dx), DY: view(dy), X: view(x), Gain: gain.Data, Dim: int32(gain.Cols), Epsilon: epsilon,
	}).Call())
}

// AddBias adds a row to every row.
func (o *ops) AddBias(x, bias compute.Tensor) {
	o.launch((&kernels.AddBias{X: view(x), Bias: bias.Data}).Call())
}

// Rotate turns queries and keys by their positions.
func (o *ops) Rotate(x compute.Tensor, dim int, positions []int32, table compute.Tensor, inverse bool) {
	defer o.Release(o.Mark())
	o.launch((&kernels.Rotate{
		X: view(x), Table: view(table), Positions: values(o, positions), Dim: int32(dim), Inverse: flag(inverse),
	}).Call())
}

// SwiGLU is the activation of the feed-forward layer.
func (o *ops) SwiGLU(dst, x compute.Tensor) {
	o.launch((&kernels.SwiGLU{Dst: view(dst), X: view(x)}).Call())
}

// SwiGLUBackward sets dx.
func (o *ops) SwiGLUBackward(dx, dy, x compute.Tensor) {
	o.launch((&kernels.SwiGLUBackward{DX: view(dx), DY: view(dy), X: view(x)}).Call())
}
