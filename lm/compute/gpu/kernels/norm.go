package kernels

import "unsafe"

// Norm sets Dst to RMSNorm of X, see compute.LayerOps; Gain is float32 [X.Cols].
type Norm struct {
	Dst, X  View
	Gain    unsafe.Pointer
	Epsilon float32
	_       int32
}

// Call returns the launch, a block for each row.
func (k *Norm) Call() Call {
	return launch("norm_rows", uint32(k.X.Rows), 1, threads, k)
}

// NormBackward adds to DX what DY, the gradient of Norm's result, causes.
type NormBackward struct {
	DX, DY, X View
	Gain      unsafe.Pointer
	Epsilon   float32
	_         int32
}

// Call returns the launch, a block for each row.
func (k *NormBackward) Call() Call {
	return launch("norm_backward", uint32(k.X.Rows), 1, threads, k)
}
