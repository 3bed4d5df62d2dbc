package compute

import "unsafe"

// Tensor is a row-major matrix of activations in a backend's memory. It is a view: copies share the
// elements. Only the backend that made it can read it.
type Tensor struct {
	Data       unsafe.Pointer
	Rows, Cols int
	Stride     int // elements from one row to the next
	Element    int // bytes of an element
}

// IsZero reports whether t is the zero Tensor, which stands for "not wanted".
func (t Tensor) IsZero() bool { return t.Data == nil }

// RowRange returns the view of rows [from, to).
func (t Tensor) RowRange(from, to int) Tensor {
	t.Data = unsafe.Add(t.Data, from*t.Stride*t.Element)
	t.Rows = to - from

	return t
}

// ColRange returns the view of columns [from, to).
func (t Tensor) ColRange(from, to int) Tensor {
	t.Data = unsafe.Add(t.Data, from*t.Element)
	t.Cols = to - from

	return t
}
