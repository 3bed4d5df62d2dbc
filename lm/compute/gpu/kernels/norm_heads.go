package kernels

import "unsafe"

// team is how many lanes work on a head or on outputs of few rows, see across.cu.
const team = 32

// NormHeads is Norm over each head of Dim columns; Gain is float32 [Dim]. Dst may be X.
type NormHeads struct {
	Dst, X  View
	Gain    unsafe.Pointer
	Dim     int32
	Epsilon float32
}

// Call returns the launch, a team for each head.
func (k *NormHeads) Call() Call {
	return lanes("norm_heads", int64(k.X.Rows)*int64(k.X.Cols/k.Dim)*team, k)
}

// NormHeadsBackward sets DX from DY, the gradient of NormHeads' result, and its X. DX may be DY.
type NormHeadsBackward struct {
	DX, DY, X View
	Gain      unsafe.Pointer
	Dim       int32
	Epsilon   float32
}

// Call returns the launch, a team for each head.
func (k *NormHeadsBackward) Call() Call {
	return lanes("norm_heads_backward", int64(k.X.Rows)*int64(k.X.Cols/k.Dim)*team, k)
}
