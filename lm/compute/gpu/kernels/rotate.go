package kernels

import "unsafe"

// Rotate turns heads of Dim columns of X, or back if Inverse is 1, see compute.LayerOps. Positions is int32 [X.Rows]; Table, float32
// or bfloat16, holds for each position Dim/2 cosines, then the sines.
type Rotate struct {
	X, Table     View
	Positions    unsafe.Pointer
	Dim, Inverse int32
}

// Call returns the launch.
func (k *Rotate) Call() Call {
	heads := k.X.Rows * (k.X.Cols / k.Dim)

	return elementwise("rotate", heads, k.Dim/2, k)
}
