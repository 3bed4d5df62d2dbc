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
	return Call{
		Name: "norm_rows", Grid: [3]uint32{uint32(k.X.Rows), 1, 1}, Block: threads,
		Args: unsafe.Pointer(k), Size: unsafe.Sizeof(*k),
	}
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
	return Call{
		Name: "norm_backward", Grid: [3]uint32{uint32(k.X.Rows), 1, 1}, Block: threads,
		Args: unsafe.Pointer(k), Size: unsafe.Sizeof(*k),
	}
}
