package cpu

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

// mapped is where the arena's chunks come from.
type mapped struct{ backend *Backend }

func (m mapped) Map(bytes int) (unsafe.Pointer, error) { return m.backend.mapBytes(bytes) }
func (m mapped) Unmap(data unsafe.Pointer)             { m.backend.unmap(data) }

// takeFloats returns room for a float32 matrix, or an error if the system has no more memory.
func (o *ops) takeFloats(rows, cols int) (compute.Tensor, error) {
	data, err := o.arena.Take(rows * cols * float)

	return compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: cols, Element: float}, err
}

// takeHalf returns room for a bfloat16 matrix that can be the left operand of products: they read whole tiles
// of rows, beyond the last, also of views.
func (o *ops) takeHalf(rows, cols int) (compute.Tensor, error) {
	data, err := o.arena.Take(halfBytes(rows, cols))

	return compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: leftStride(cols), Element: bfloat16}, err
}

// leftStride is left_stride in bf16_product.h.
func leftStride(cols int) int { return roundUp(cols, panelStep) + panelStep }

// halfBytes is the size of what takeHalf returns.
func halfBytes(rows, cols int) int {
	const tile = 32

	return (rows + 2*tile) * leftStride(cols) * bfloat16
}
