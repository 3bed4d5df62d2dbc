package kernels

import "unsafe"

// threads is how many lanes a block of an elementwise kernel has. Each takes a run of eight columns.
const (
	threads = 256
	run     = 8
)

// Copy sets Dst = Src, whatever their elements are.
type Copy struct{ Dst, Src View }

// Call returns the launch.
func (k *Copy) Call() Call {
	return elementwise("copy", k.Dst.Rows, k.Dst.Cols, k)
}

// Fill sets all of Dst to Value.
type Fill struct {
	Dst   View
	Value float32
	_     int32
}

// Call returns the launch.
func (k *Fill) Call() Call {
	return elementwise("fill", k.Dst.Rows, k.Dst.Cols, k)
}

// ScaleRows multiplies row i of X by Factors[i], which are float32.
type ScaleRows struct {
	X       View
	Factors unsafe.Pointer
}

// Call returns the launch.
func (k *ScaleRows) Call() Call {
	return elementwise("scale_rows", k.X.Rows, k.X.Cols, k)
}

// AddBias adds Bias, float32 [X.Cols], to each row of X.
type AddBias struct {
	X    View
	Bias unsafe.Pointer
}

// Call returns the launch.
func (k *AddBias) Call() Call {
	return elementwise("add_bias", k.X.Rows, k.X.Cols, k)
}

// elementwise returns the launch of a kernel whose lanes take runs of a matrix of that shape.
func elementwise[T any](name string, rows, cols int32, k *T) Call {
	return lanes(name, int64(rows)*int64((cols+run-1)/run), k)
}

// lanes returns a launch of so many lanes, in the grid's first dimension, for the others end at 65,535.
func lanes[T any](name string, n int64, k *T) Call {
	return launch(name, groups(n, threads), 1, threads, k)
}

// groups returns how many groups of so many n are.
func groups(n, size int64) uint32 { return uint32((n + size - 1) / size) }
