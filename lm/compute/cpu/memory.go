package cpu

// #include "native.h"
import "C"

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
)

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// float is the size of an element in bytes.
const float = 4

// Alloc returns a zeroed matrix.
func (b *Backend) Alloc(rows, cols int) (compute.Tensor, error) { return b.alloc(rows, cols, float) }

// AllocActivation returns a zeroed matrix, of bfloat16 where products are.
func (b *Backend) AllocActivation(rows, cols int) (compute.Tensor, error) {
	return b.alloc(rows, cols, b.element())
}

// element is the size of an activation's element.
func (b *Backend) element() int {
	if b.precision == compute.BFloat16 {
		return bfloat16
	}

	return float
}

func (b *Backend) alloc(rows, cols, element int) (compute.Tensor, error) {
	if err := checkSize(rows, cols); err != nil {
		return compute.Tensor{}, err
	}

	data, err := b.mapBytes(rows * cols * element)
	if err != nil {
		return compute.Tensor{}, err
	}

	return compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: cols, Element: element}, nil
}

func checkSize(rows, cols int) error {
	if rows < 1 || cols < 1 || rows > math.MaxInt32 || cols > math.MaxInt32 {
		return fmt.Errorf("%w: a matrix of %d x %d", compute.ErrMemory, rows, cols)
	}

	return nil
}

// Free gives back what Alloc or AllocActivation returned; after Close it does nothing.
func (b *Backend) Free(t compute.Tensor) { b.unmap(t.Data) }

func (b *Backend) mapBytes(size int) (unsafe.Pointer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.closed {
		return nil, compute.ErrClosed
	}

	data := C.native_map(C.size_t(size))
	if data == nil {
		return nil, fmt.Errorf("%w: %d bytes wanted", compute.ErrMemory, size)
	}

	b.blocks[data] = size

	return data, nil
}

func (b *Backend) unmap(data unsafe.Pointer) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if size, ok := b.blocks[data]; ok {
		C.native_unmap(data, C.size_t(size))
		delete(b.blocks, data)
	}
}

// values returns a row of t as a slice.
func values(t compute.Tensor, row int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Add(t.Data, row*t.Stride*float)), t.Cols)
}
