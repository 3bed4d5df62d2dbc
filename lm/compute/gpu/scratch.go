package gpu

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
)

// Scratch takes a matrix of float32.
func (o *ops) Scratch(rows, cols int) compute.Tensor { return o.take(rows, cols, float) }

// Activation takes one of bfloat16, or of float32 where all is.
func (o *ops) Activation(rows, cols int) compute.Tensor { return o.take(rows, cols, o.element()) }

func (o *ops) element() int {
	if o.exact {
		return float
	}

	return bfloat16
}

func (o *ops) take(rows, cols, element int) compute.Tensor {
	data := o.bytes(rows * stride(cols, element) * element)
	if data == nil {
		return compute.Tensor{}
	}

	return matrix(data, rows, cols, element)
}

// bytes takes scratch, or returns nil after an error.
func (o *ops) bytes(size int) unsafe.Pointer {
	if o.err != nil {
		return nil
	}

	data, err := o.arena.Take(size)
	if err != nil {
		o.fail(err)

		return nil
	}

	return data
}

// Mark notes how much scratch is in use.
func (o *ops) Mark() int { return o.arena.Mark() }

// Release gives back what was taken since. The card does what it is told in order, so it need not be waited for.
func (o *ops) Release(mark int) { o.arena.Release(mark) }

// values copies numbers to scratch on the card.
func values[T any](o *ops, src []T) unsafe.Pointer {
	size := len(src) * int(unsafe.Sizeof(*new(T)))
	data := o.bytes(max(size, 1))
	o.upload(data, unsafe.Pointer(unsafe.SliceData(src)), size)

	return data
}

// packed returns scratch for rows without gaps, as they are in Go memory.
func (o *ops) packed(rows, cols int) compute.Tensor {
	return compute.Tensor{Data: o.bytes(rows * cols * float), Rows: rows, Cols: cols, Stride: cols, Element: float}
}

// Write copies src to dst.
func (o *ops) Write(dst compute.Tensor, src []float32) {
	defer o.Release(o.Mark())

	t := o.packed(dst.Rows, dst.Cols)
	o.upload(t.Data, unsafe.Pointer(unsafe.SliceData(src)), dst.Rows*dst.Cols*float)
	o.Copy(dst, t)
}

// Read copies src to dst, and waits for the card.
func (o *ops) Read(dst []float32, src compute.Tensor) {
	defer o.Release(o.Mark())

	t := o.packed(src.Rows, src.Cols)
	o.Copy(t, src)
	o.download(unsafe.Pointer(unsafe.SliceData(dst)), t.Data, src.Rows*src.Cols*float)
}

// Copy sets dst = src.
func (o *ops) Copy(dst, src compute.Tensor) {
	o.launch((&kernels.Copy{Dst: view(dst), Src: view(src)}).Call())
}

// Zero sets dst = 0.
func (o *ops) Zero(dst compute.Tensor) { o.launch((&kernels.Fill{Dst: view(dst)}).Call()) }

// Gather picks rows.
func (o *ops) Gather(dst, src compute.Tensor, rows []int32) {
	defer o.Release(o.Mark())
	o.launch((&kernels.Gather{Dst: view(dst), Src: view(src), Rows: values(o, rows)}).Call())
}

// Scatter puts rows where they belong.
func (o *ops) Scatter(dst, src compute.Tensor, rows []int32) {
	defer o.Release(o.Mark())
	o.launch((&kernels.Scatter{Dst: view(dst), Src: view(src), Rows: values(o, rows)}).Call())
}

// ScaleRows multiplies rows.
func (o *ops) ScaleRows(x compute.Tensor, factors []float32) {
	defer o.Release(o.Mark())
	o.launch((&kernels.ScaleRows{X: view(x), Factors: values(o, factors)}).Call())
}
