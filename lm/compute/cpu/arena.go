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
	backend *Backend
	chunks  []chunk
	current int // chunk in use
	used    int // bytes of it
	peak    int // most bytes in use at once, over all chunks
}

type chunk struct {
	data unsafe.Pointer
	size int
}

// take returns room for a matrix, or an error if the system has no more memory.
func (a *arena) take(rows, cols int) (compute.Tensor, error) {
	size := (rows*cols*float + alignment - 1) &^ (alignment - 1)

	for len(a.chunks) == 0 || a.used+size > a.chunks[a.current].size {
		if a.current+1 < len(a.chunks) {
			a.current++
			a.used = 0

			continue
		}

		want := max(size, chunkBytes)
		if len(a.chunks) == 0 {
			want = max(want, a.peak)
		}

		data, err := a.backend.mapBytes(want)
		if err != nil {
			return compute.Tensor{}, err
		}

		a.chunks = append(a.chunks, chunk{data, want})
		a.current, a.used = len(a.chunks)-1, 0
	}

	data := unsafe.Add(a.chunks[a.current].data, a.used)
	a.used += size
	a.peak = max(a.peak, a.total())

	return compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: cols, Element: float}, nil
}

func (a *arena) total() int {
	total := a.used
	for _, c := range a.chunks[:a.current] {
		total += c.size
	}

	return total
}

func (a *arena) mark() int { return a.current<<chunkShift + a.used }

func (a *arena) release(mark int) {
	a.current, a.used = mark>>chunkShift, mark&(1<<chunkShift-1)
}

// reset ends a Run.
func (a *arena) reset() {
	a.current, a.used = 0, 0

	if len(a.chunks) > 1 {
		for _, c := range a.chunks {
			a.backend.unmap(c.data)
		}

		a.chunks = a.chunks[:0]
	}
}
