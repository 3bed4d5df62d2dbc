package lora

import (
	"fmt"
	"slices"
)

// matrix is a tensor of an adapter's file, in whatever format that is.
type matrix struct {
	name   string
	shape  []int
	decode func(dst []float32) error // its errors name the tensor
}

func (m matrix) size() int {
	n := 1
	for _, length := range m.shape {
		n *= length
	}
	return n
}

// placed finds the place of each matrix in an adapter of such a base, by its name, and
// makes the pairs there, which have no ranks yet.
func placed(matrices []matrix, parse func(name string) (Param, error), dims Dims) (*Adapter, []Param, error) {
	a := &Adapter{Layers: make([]Layer, dims.Layers)}
	params := make([]Param, len(matrices))
	for i, m := range matrices {
		p, err := parse(m.name)
		if err != nil {
			return nil, nil, err
		}
		if p.Layer >= dims.Layers {
			return nil, nil, fmt.Errorf("%w: tensor %q is for layer %d, the base has %d layers", ErrMismatch, m.name, p.Layer, dims.Layers)
		}
		s := dims.Shapes[p.Module]
		if pair := &a.Layers[p.Layer][p.Module]; *pair == nil {
			*pair = &Pair{In: s.In, Out: s.Out}
		}
		params[i] = p
	}
	return a, params, nil
}

// fill decodes matrices into memory that they share, after checking their shapes, and
// puts them into their pairs. A pair without a rank is one whose B is missing, which is
// for the caller to report.
func (a *Adapter) fill(matrices []matrix, params []Param) error {
	size := 0
	for _, m := range matrices {
		size += m.size()
	}
	room := make([]float32, size)
	for i, m := range matrices {
		p, n := params[i], m.size()
		p.Data, room = room[:n:n], room[n:]
		pair := a.Layers[p.Layer][p.Module]
		shape, data := []int{pair.Rank, pair.In}, &pair.A
		if p.Matrix == MatrixB {
			shape, data = []int{pair.Out, pair.Rank}, &pair.B
		}
		if pair.Rank > 0 && !slices.Equal(m.shape, shape) {
			return fmt.Errorf("%w: tensor %q is %v, rank %d on the base's [%d, %d] layer needs %v", ErrMismatch, m.name, m.shape, pair.Rank, pair.Out, pair.In, shape)
		}
		if err := m.decode(p.Data); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		if err := finite(p); err != nil {
			return err
		}
		*data = p.Data
	}
	return nil
}
