package cpu

// #include "native.h"
import "C"

import (
	"runtime"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/arena"
)

// ops implements compute.Ops on the backend's thread. After an error every operation returns at once.
type ops struct {
	backend *Backend
	engine  *C.native
	arena   arena.Arena
	err     error

	// Of the last call, kept so that the next needs no memory.
	spans  []C.span
	wanted []wantedRow
	runs   []unitRun
	pins   [C.MOST_ADAPTERS]runtime.Pinner // one for each adapter: a Pinner holds a few pointers without allocating
}

var _ compute.Ops = (*ops)(nil)

// Err returns the first error.
func (o *ops) Err() error {
	if o.engine.failed != 0 {
		o.engine.failed = 0
		o.fail(compute.ErrMemory)
	}

	return o.err
}

func (o *ops) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// Scratch takes a matrix from the arena.
func (o *ops) Scratch(rows, cols int) compute.Tensor { return o.take(rows, cols, o.takeFloats) }

// Activation is in bfloat16, where products are, except for the few rows that are multiplied otherwise.
func (o *ops) Activation(rows, cols int) compute.Tensor {
	if o.backend.narrow(rows) {
		return o.take(rows, cols, o.takeHalf)
	}

	return o.Scratch(rows, cols)
}

func (o *ops) take(rows, cols int, from func(rows, cols int) (compute.Tensor, error)) compute.Tensor {
	if o.err != nil {
		return compute.Tensor{}
	}

	t, err := from(rows, cols)
	if err != nil {
		o.fail(err)

		return compute.Tensor{}
	}

	return t
}

func (o *ops) Mark() int        { return o.arena.Mark() }
func (o *ops) Release(mark int) { o.arena.Release(mark) }

// Write copies src to dst.
func (o *ops) Write(dst compute.Tensor, src []float32) {
	if half(dst) {
		defer o.Release(o.Mark())

		t := o.Scratch(dst.Rows, dst.Cols)
		o.Write(t, src)
		o.Copy(dst, t)

		return
	}

	if o.err != nil {
		return
	}

	for i := range dst.Rows {
		copy(values(dst, i), src[i*dst.Cols:(i+1)*dst.Cols])
	}
}

// Read copies src to dst.
func (o *ops) Read(dst []float32, src compute.Tensor) {
	if half(src) {
		defer o.Release(o.Mark())

		t := o.Scratch(src.Rows, src.Cols)
		o.Copy(t, src)
		src = t
	}

	if o.err != nil {
		return
	}

	for i := range src.Rows {
		copy(dst[i*src.Cols:(i+1)*src.Cols], values(src, i))
	}
}

// Copy sets dst = src.
func (o *ops) Copy(dst, src compute.Tensor) {
	switch {
	case o.err != nil:
	case half(dst, src):
		C.native_copy16(o.engine, matrix(dst), matrix(src))
	default:
		C.native_copy(o.engine, matrix(dst), matrix(src))
	}
}

// Zero sets dst = 0.
func (o *ops) Zero(dst compute.Tensor) {
	switch {
	case o.err != nil:
	case half(dst):
		C.native_zero16(o.engine, matrix(dst))
	default:
		C.native_zero(o.engine, matrix(dst))
	}
}

// Gather picks rows.
func (o *ops) Gather(dst, src compute.Tensor, rows []int32) {
	switch {
	case o.err != nil:
	case half(dst, src):
		C.native_gather16(o.engine, matrix(dst), matrix(src), integers(rows))
	default:
		C.native_gather(o.engine, matrix(dst), matrix(src), integers(rows))
	}
}

// Scatter puts rows back.
func (o *ops) Scatter(dst, src compute.Tensor, rows []int32) {
	switch {
	case o.err != nil:
	case half(dst, src):
		C.native_scatter16(o.engine, matrix(dst), matrix(src), integers(rows))
	default:
		C.native_scatter(o.engine, matrix(dst), matrix(src), integers(rows))
	}
}

// ScaleRows gives rows their weights.
func (o *ops) ScaleRows(x compute.Tensor, factors []float32) {
	if o.err == nil {
		C.native_scale_rows(o.engine, matrix(x), floats(factors))
	}
}

// Norm is RMSNorm.
func (o *ops) Norm(dst, x, gain compute.Tensor, epsilon float32) {
	switch {
	case o.err != nil:
	case half(dst):
		C.native_norm16(o.engine, matrix(dst), matrix(x), (*C.float)(gain.Data), C.float(epsilon))
	default:
		C.native_norm(o.engine, matrix(dst), matrix(x), (*C.float)(gain.Data), C.float(epsilon))
	}
}

// NormBackward adds Norm's gradient to dx.
func (o *ops) NormBackward(dx, dy, x, gain compute.Tensor, epsilon float32) {
	if o.err == nil {
		C.native_norm_backward(o.engine, matrix(dx), matrix(dy), matrix(x), (*C.float)(gain.Data), C.float(epsilon))
	}
}

// Rotate applies rotary position embedding.
func (o *ops) Rotate(x compute.Tensor, dim int, positions []int32, table compute.Tensor, inverse bool) {
	switch {
	case o.err != nil:
	case half(x):
		C.native_rotate16(o.engine, matrix(x), C.int(dim), integers(positions), matrix(table), flag(inverse))
	default:
		C.native_rotate(o.engine, matrix(x), C.int(dim), integers(positions), matrix(table), flag(inverse))
	}
}

// SwiGLU is the feed-forward layer's activation.
func (o *ops) SwiGLU(dst, x compute.Tensor) {
	switch {
	case o.err != nil:
	case half(dst, x):
		C.native_swiglu16(o.engine, matrix(dst), matrix(x))
	default:
		C.native_swiglu(o.engine, matrix(dst), matrix(x))
	}
}

// SwiGLUBackward is its gradient.
func (o *ops) SwiGLUBackward(dx, dy, x compute.Tensor) {
	switch {
	case o.err != nil:
	case half(dx, dy, x):
		C.native_swiglu16_backward(o.engine, matrix(dx), matrix(dy), matrix(x))
	default:
		C.native_swiglu_backward(o.engine, matrix(dx), matrix(dy), matrix(x))
	}
}

// half reports whether one of the tensors is in bfloat16.
func half(tensors ...compute.Tensor) bool {
	for _, t := range tensors {
		if t.Element == bfloat16 {
			return true
		}
	}

	return false
}

func matrix(t compute.Tensor) C.mat {
	return C.mat{
		data: (*C.float)(t.Data), rows: C.int(t.Rows), cols: C.int(t.Cols), stride: C.ptrdiff_t(t.Stride),
		half: flag(t.Element == bfloat16),
	}
}

func integers(n []int32) *C.int32_t { return (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(n))) }

func floats(x []float32) *C.float { return (*C.float)(unsafe.Pointer(unsafe.SliceData(x))) }

func flag(b bool) C.int {
	if b {
		return 1
	}

	return 0
}
