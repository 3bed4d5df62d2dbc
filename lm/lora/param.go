package lora

import (
	"fmt"
	"iter"
)

// Matrix says which half of a pair a parameter is.
type Matrix uint8

// The two matrices of a pair.
const (
	MatrixA Matrix = iota // [rank, in]
	MatrixB               // [out, rank]
)

// String returns PEFT's name, "lora_A" or "lora_B".
func (x Matrix) String() string {
	if x == MatrixA {
		return "lora_A"
	}
	return "lora_B"
}

// Param is one trainable matrix of an adapter. Data is the adapter's own memory,
// row-major [Rows, Cols].
type Param struct {
	Layer  int
	Module Module
	Matrix Matrix
	Rows   int
	Cols   int
	Data   []float32
}

// String returns the parameter's place, such as "layers.3.self_attn.q_proj.lora_A".
func (p Param) String() string {
	return fmt.Sprintf("layers.%d.%s.%v.%v", p.Layer, p.Module.block(), p.Module, p.Matrix)
}

// Params yields the trainable matrices in a fixed order: by layer, by Module,
// A before B. Checkpoints, norms and optimisers rely on this order.
func (a *Adapter) Params() iter.Seq[Param] {
	return func(yield func(Param) bool) {
		if a == nil {
			return
		}
		for i := range a.Layers {
			for m, p := range a.Layers[i] {
				if p == nil {
					continue
				}
				if !yield(Param{i, Module(m), MatrixA, p.Rank, p.In, p.A}) ||
					!yield(Param{i, Module(m), MatrixB, p.Out, p.Rank, p.B}) {
					return
				}
			}
		}
	}
}

// Size is the number of trainable elements.
func (a *Adapter) Size() int {
	n := 0
	for p := range a.Params() {
		n += len(p.Data)
	}
	return n
}

// Zero sets every element to zero.
func (a *Adapter) Zero() {
	for p := range a.Params() {
		clear(p.Data)
	}
}

// CopyFrom copies the elements of src. It returns ErrMismatch, and copies
// nothing, when src has another shape.
func (a *Adapter) CopyFrom(src *Adapter) error {
	if err := a.sameShape(src); err != nil {
		return err
	}
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			if p != nil {
				copy(p.A, src.Layers[i][m].A)
				copy(p.B, src.Layers[i][m].B)
			}
		}
	}
	return nil
}

func (a *Adapter) sameShape(b *Adapter) error {
	if len(a.Layers) != len(b.Layers) {
		return fmt.Errorf("%w: %d layers against %d", ErrMismatch, len(a.Layers), len(b.Layers))
	}
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			q := b.Layers[i][m]
			if (p == nil) != (q == nil) {
				return fmt.Errorf("%w: only one of the two adapts layer %d's %v", ErrMismatch, i, Module(m))
			}
			if p != nil && (p.In != q.In || p.Out != q.Out || p.Rank != q.Rank) {
				return fmt.Errorf("%w: layer %d's %v is rank %d on [%d, %d] against rank %d on [%d, %d]",
					ErrMismatch, i, Module(m), p.Rank, p.Out, p.In, q.Rank, q.Out, q.In)
			}
		}
	}
	return nil
}
