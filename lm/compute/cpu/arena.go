package cpu

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

const (
	chunkBytes = 1 << 22 // the least that is mapped at once
	alignment  = 64      // of every matrix: a cache line
	chunkShift = 48      // a mark is chunk<<chunkShift + offset
)

// arena hands out scratch memory in stack order. While a Run needs more than there is, chunks are
// added; afterwards they are replaced by one of the size that was needed, so that equal work maps no
// memory again.
type arena struct {
	layout
	backend *Backend
	data    []unsafe.Pointer // of the chunks
}

// layout says where in an arena each matrix goes.
type layout struct {
	chunks  []int // their sizes
	current int   // chunk in use
	used    int   // bytes of it
	peak    int   // most bytes in use at once, over all chunks
}

// take returns room for a float32 matrix, or an error if the system has no more memory.
func (a *arena) take(rows, cols int) (compute.Tensor, error) {
	data, err := a.bytes(rows * cols * float)

	return compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: cols, Element: float}, err
}

// takeHalf returns room for a bfloat16 matrix that can be the left operand of products: they read whole tiles
// of rows, beyond the last, also of views.
func (a *arena) takeHalf(rows, cols int) (compute.Tensor, error) {
	data, err := a.bytes(halfBytes(rows, cols))

	return compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: leftStride(cols), Element: bfloat16}, err
}

// leftStride is left_stride in bf16_product.h.
func leftStride(cols int) int { return roundUp(cols, panelStep) + panelStep }

// halfBytes is the size of what takeHalf returns.
func halfBytes(rows, cols int) int {
	const tile = 32

	return (rows + 2*tile) * leftStride(cols) * bfloat16
}

func (a *arena) bytes(size int) (unsafe.Pointer, error) {
	before := a.layout
	offset := a.place(size)

	if len(a.chunks) > len(a.data) {
		data, err := a.backend.mapBytes(a.chunks[a.current])
		if err != nil {
			a.layout = before

			return nil, err
		}

		a.data = append(a.data, data)
	}

	return unsafe.Add(a.data[a.current], offset), nil
}

// place returns the offset of so many bytes in the chunk that is then current, which is a new one if needed.
func (l *layout) place(size int) int {
	size = roundUp(size, alignment)

	for len(l.chunks) == 0 || l.used+size > l.chunks[l.current] {
		if l.current+1 < len(l.chunks) {
			l.current++
			l.used = 0

			continue
		}

		want := max(size, chunkBytes)
		if len(l.chunks) == 0 {
			want = max(want, l.peak)
		}

		l.chunks = append(l.chunks, want)
		l.current, l.used = len(l.chunks)-1, 0
	}

	offset := l.used
	l.used += size
	l.peak = max(l.peak, l.total())

	return offset
}

func (l *layout) total() int {
	total := l.used
	for _, size := range l.chunks[:l.current] {
		total += size
	}

	return total
}

func (l *layout) mark() int { return l.current<<chunkShift + l.used }

func (l *layout) release(mark int) {
	l.current, l.used = mark>>chunkShift, mark&(1<<chunkShift-1)
}

// reset ends a Run.
func (a *arena) reset() {
	if a.layout.reset() {
		for _, data := range a.data {
			a.backend.unmap(data)
		}

		a.data = a.data[:0]
	}
}

// reset ends a Run and reports whether the chunks are to be replaced by one of the size that was needed.
func (l *layout) reset() bool {
	l.current, l.used = 0, 0

	several := len(l.chunks) > 1
	if several {
		l.chunks = l.chunks[:0]
	}

	return several
}
