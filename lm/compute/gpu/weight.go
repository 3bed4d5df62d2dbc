package gpu

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf"
)

// weight is a stack of frozen matrices on the card, as the file has them.
type weight struct {
	parts   []part
	outputs int
	inputs  int
}

// part is rows [first, first+rows) of a stack.
type part struct {
	stored kernels.Stored
	kind   gguf.Type
	first  int
	rows   int
}

func (w *weight) Outputs() int { return w.outputs }
func (w *weight) Inputs() int  { return w.inputs }

// Load checks the parts and copies them to the card.
func (b *Backend) Load(parts ...gguf.Tensor) (compute.Weight, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: a weight without parts", errShape)
	}

	w := &weight{inputs: parts[0].Cols()}

	for _, t := range parts {
		if t.Cols() != w.inputs || t.Rows() < 1 || w.inputs < 1 {
			return nil, fmt.Errorf("%w: tensor %q has shape %v, want rows of %d", errShape, t.Name, t.Shape, w.inputs)
		}

		if err := t.DequantizeRow(make([]float32, w.inputs), t.Rows()-1); err != nil {
			return nil, fmt.Errorf("gpu: load: %w", err)
		}

		if !kernels.Supports(t.Type) {
			return nil, fmt.Errorf("gpu: load: %w: tensor %q is of type %v, for which there is no kernel", gguf.ErrUnsupported, t.Name, t.Type)
		}

		stored, err := b.store(t)
		if err != nil {
			return nil, fmt.Errorf("gpu: load %q: %w", t.Name, err)
		}

		w.parts = append(w.parts, part{stored: stored, kind: t.Type, first: w.outputs, rows: t.Rows()})
		w.outputs += t.Rows()
	}

	return w, nil
}

// store copies a tensor's data to the card. What comes after the blocks begins at a multiple of the alignment there.
func (b *Backend) store(t gguf.Tensor) (kernels.Stored, error) {
	const alignment = 16

	blocks := len(t.Data)
	if at := kernels.StateOffset(t); at > 0 {
		blocks = at
	}

	state := roundUp(blocks, alignment)
	s := kernels.Stored{Rows: int32(t.Rows()), Cols: int32(t.Cols())}

	data, err := b.Map(state + roundUp(len(t.Data)-blocks, alignment) + alignment)
	if err != nil {
		return s, err
	}

	s.Data = data
	if len(t.Data) > blocks {
		s.State = unsafe.Add(data, state)
	}

	err = b.bound(func() error {
		err := b.put(data, t.Data[:blocks])
		if err == nil && len(t.Data) > blocks {
			err = b.put(s.State, t.Data[blocks:])
		}

		return err
	})
	if err != nil {
		return s, errors.Join(err, b.unmap(data))
	}

	b.mu.Lock()
	b.stored += int64(len(t.Data))
	b.mu.Unlock()

	return s, nil
}

// put copies bytes to the card and waits until they are there.
func (b *Backend) put(dst unsafe.Pointer, src []byte) error {
	return b.card.Upload(dst, unsafe.Pointer(unsafe.SliceData(src)), len(src))
}

// weight returns the backend's own form of w, and whether to go on.
func (o *ops) weight(w compute.Weight) (*weight, bool) {
	own, ok := w.(*weight)
	if !ok {
		o.fail(fmt.Errorf("%w: a weight of another backend", errShape))
	}

	return own, o.err == nil
}
