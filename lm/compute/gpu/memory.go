package gpu

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

// Sizes of elements in bytes.
const (
	float    = 4
	bfloat16 = 2
)

var errShape = errors.New("gpu: shapes do not fit")

// Alloc returns a zeroed matrix of float32.
func (b *Backend) Alloc(rows, cols int) (compute.Tensor, error) { return b.alloc(rows, cols, float) }

// AllocActivation returns a zeroed matrix in the form of activations.
func (b *Backend) AllocActivation(rows, cols int) (compute.Tensor, error) {
	return b.alloc(rows, cols, b.element())
}

func (b *Backend) alloc(rows, cols, element int) (compute.Tensor, error) {
	if err := checkSize(rows, cols); err != nil {
		return compute.Tensor{}, err
	}

	size := rows * stride(cols, element) * element

	data, err := b.Map(size)
	if err != nil {
		return compute.Tensor{}, err
	}

	if err := b.bound(func() error { return b.card.Fill(data, 0, size) }); err != nil {
		return compute.Tensor{}, errors.Join(err, b.unmap(data))
	}

	return matrix(data, rows, cols, element), nil
}

// matrix returns the matrix that lies at data.
func matrix(data unsafe.Pointer, rows, cols, element int) compute.Tensor {
	return compute.Tensor{Data: data, Rows: rows, Cols: cols, Stride: stride(cols, element), Element: element}
}

// stride returns the elements from one row to the next: rows begin at multiples of 16 bytes, which kernels load at once.
func stride(cols, element int) int {
	const load = 16

	return roundUp(cols, load/element)
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

func checkSize(rows, cols int) error {
	if rows < 1 || cols < 1 || rows > math.MaxInt32 || cols > math.MaxInt32-16 {
		return fmt.Errorf("%w: a matrix of %d x %d", compute.ErrMemory, rows, cols)
	}

	return nil
}

// Free gives back what Alloc or AllocActivation returned; after Close it does nothing.
func (b *Backend) Free(t compute.Tensor) { b.Unmap(t.Data) }

// Map takes memory of the card, with undefined content.
func (b *Backend) Map(bytes int) (data unsafe.Pointer, err error) {
	err = b.bound(func() error {
		data, err = b.card.Alloc(bytes)

		switch {
		case err == nil:
			b.blocks[data] = bytes
		case errors.Is(err, driver.ErrMemory):
			err = fmt.Errorf("%w: %d bytes wanted: %w", compute.ErrMemory, bytes, err)
		}

		return err
	})

	return data, err
}

// Unmap gives it back; what the card still computes with it is finished before. A fault shows in the next Run.
func (b *Backend) Unmap(data unsafe.Pointer) { _ = b.unmap(data) }

func (b *Backend) unmap(data unsafe.Pointer) error {
	return b.bound(func() error {
		if _, ok := b.blocks[data]; !ok {
			return nil
		}

		delete(b.blocks, data)

		return b.card.Free(data)
	})
}
