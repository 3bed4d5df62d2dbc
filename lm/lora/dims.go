package lora

import "fmt"

// Shape is the size of a frozen linear layer: W is [Out, In].
type Shape struct {
	In  int
	Out int
}

// Dims are the shapes of a base model's linear layers, the same in every block.
type Dims struct {
	Layers int // decoder blocks
	Shapes [Modules]Shape
}

// Validate returns an error that names the first size that is not positive.
func (d Dims) Validate() error {
	if d.Layers < 1 {
		return fmt.Errorf("%w: the base has %d layers, want at least 1", ErrInvalid, d.Layers)
	}
	for i, s := range d.Shapes {
		if s.In < 1 || s.Out < 1 {
			return fmt.Errorf("%w: the base's %v is [%d, %d], want positive sizes", ErrInvalid, Module(i), s.Out, s.In)
		}
	}
	return nil
}

// Check returns an error wrapping ErrMismatch that names the first matrix of a
// which does not fit a base of these dimensions, and ErrInvalid for a pair without a
// rank or a finite scale.
func (d Dims) Check(a *Adapter) error {
	if a == nil {
		return nil
	}
	if len(a.Layers) > d.Layers {
		return fmt.Errorf("%w: it adapts %d layers, the base has %d", ErrMismatch, len(a.Layers), d.Layers)
	}
	for i := range a.Layers {
		for m, p := range a.Layers[i] {
			if p == nil {
				continue
			}
			s := d.Shapes[m]
			if p.Rank < 1 || !isFinite(p.Scale) {
				return fmt.Errorf("%w: %v is of rank %d with scale %g", ErrInvalid, place{i, Module(m)}, p.Rank, p.Scale)
			}
			if p.In != s.In || len(p.A) != p.Rank*s.In {
				return fmt.Errorf("%w: %v has %d inputs, the base's layer has %d", ErrMismatch, Param{Layer: i, Module: Module(m), Matrix: MatrixA}, p.In, s.In)
			}
			if p.Out != s.Out || len(p.B) != s.Out*p.Rank {
				return fmt.Errorf("%w: %v has %d outputs, the base's layer has %d", ErrMismatch, Param{Layer: i, Module: Module(m), Matrix: MatrixB}, p.Out, s.Out)
			}
		}
	}
	return nil
}
