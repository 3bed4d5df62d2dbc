package cpu

// #include "native.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/gguf"
)

var errShape = errors.New("cpu: shapes do not fit")

// weight is a stack of frozen matrices as the file has them, and their float32 values where an
// operation has asked for them.
type weight struct {
	parts   []gguf.Tensor
	blocks  []C.blocks // of the parts, if all have a format that the kernels multiply with
	groups  []C.blocks // the same regrouped, where few_rows8 has asked for them
	outputs int
	inputs  int

	forward  compute.Tensor // [inputs, outputs], for y = x·Wᵀ
	backward compute.Tensor // [outputs, inputs], for dx = dy·W
}

func (w *weight) Outputs() int { return w.outputs }
func (w *weight) Inputs() int  { return w.inputs }

// Load checks the parts and stacks them; nothing is unpacked yet.
func (b *Backend) Load(parts ...gguf.Tensor) (compute.Weight, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: a weight without parts", errShape)
	}

	w := &weight{parts: parts, inputs: parts[0].Cols()}

	for _, part := range parts {
		if part.Cols() != w.inputs || part.Rows() < 1 || w.inputs < 1 {
			return nil, fmt.Errorf("%w: tensor %q has shape %v, want rows of %d", errShape, part.Name, part.Shape, w.inputs)
		}

		if err := part.DequantizeRow(make([]float32, w.inputs), 0); err != nil {
			return nil, fmt.Errorf("cpu: load: %w", err)
		}

		if format, ok := blockFormat(part.Type); ok {
			b.pin(part.Data)

			w.blocks = append(w.blocks, C.blocks{
				data:   (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(part.Data))),
				format: format,
				rows:   C.int(part.Rows()),
				cols:   C.int(w.inputs),
				column: C.int(w.outputs),
			})
		}

		w.outputs += part.Rows()
	}

	if len(w.blocks) < len(parts) {
		w.blocks = nil
	}

	return w, nil
}

// pin keeps data where it is until Close, so that C may be handed a list of such pointers.
func (b *Backend) pin(data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.pinner.Pin(unsafe.SliceData(data))
}

func blockFormat(t gguf.Type) (C.int, bool) {
	switch t {
	case gguf.Q4_0:
		return C.BLOCKS_Q4_0, true
	case gguf.Q4_1:
		return C.BLOCKS_Q4_1, true
	case gguf.Q8_0:
		return C.BLOCKS_Q8_0, true
	default:
		return C.BLOCKS_NONE, false
	}
}

// transposed returns W as [inputs, outputs].
func (w *weight) transposed(o *ops) (compute.Tensor, error) {
	if !w.forward.IsZero() {
		return w.forward, nil
	}

	t, err := o.backend.Alloc(w.inputs, w.outputs)
	if err != nil {
		return t, err
	}

	if w.blocks != nil {
		w.forward = t
		w.unpackBlocks(o, t, true)

		return t, nil
	}

	// Some rows together, so that a transposed line is written in whole cache lines.
	const group = 32

	err = w.unpack(group, func(first int, rows []float32) {
		n := len(rows) / w.inputs
		for j := range w.inputs {
			line := values(t, j)[first : first+n]
			for i := range line {
				line[i] = rows[i*w.inputs+j]
			}
		}
	})
	if err != nil {
		o.backend.Free(t)

		return compute.Tensor{}, err
	}

	w.forward = t

	return t, nil
}

// plain returns W as [outputs, inputs].
func (w *weight) plain(o *ops) (compute.Tensor, error) {
	if !w.backward.IsZero() {
		return w.backward, nil
	}

	t, err := o.backend.Alloc(w.outputs, w.inputs)
	if err != nil {
		return t, err
	}

	if w.blocks != nil {
		w.backward = t
		w.unpackBlocks(o, t, false)

		return t, nil
	}

	err = w.unpack(1, func(row int, value []float32) { copy(values(t, row), value) })
	if err != nil {
		o.backend.Free(t)

		return compute.Tensor{}, err
	}

	w.backward = t

	return t, nil
}

func (w *weight) unpackBlocks(o *ops, dst compute.Tensor, transposed bool) {
	C.native_unpack(o.engine, matrix(dst), unsafe.SliceData(w.blocks), C.int(len(w.blocks)), flag(transposed))
}

// unpack is for the types that the kernels do not know. It calls use with the float32
// values of each group of rows, from several goroutines.
func (w *weight) unpack(group int, use func(first int, rows []float32)) error {
	type job struct {
		part        gguf.Tensor
		from, first int // row in the part and in the stack
		rows        int
	}

	jobs := make(chan job)
	failures := make(chan error, runtime.GOMAXPROCS(0))

	var workers sync.WaitGroup

	for range cap(failures) {
		workers.Go(func() {
			room := make([]float32, group*w.inputs)

			var failure error

			for j := range jobs {
				rows := room[:j.rows*w.inputs]
				for i := range j.rows {
					if err := j.part.DequantizeRow(rows[i*w.inputs:(i+1)*w.inputs], j.from+i); err != nil {
						failure = err
					}
				}

				use(j.first, rows)
			}

			failures <- failure
		})
	}

	first := 0

	for _, part := range w.parts {
		for from := 0; from < part.Rows(); from += group {
			n := min(group, part.Rows()-from)
			jobs <- job{part, from, first, n}
			first += n
		}
	}

	close(jobs)
	workers.Wait()

	for range cap(failures) {
		if err := <-failures; err != nil {
			return fmt.Errorf("cpu: unpack: %w", err)
		}
	}

	return nil
}
