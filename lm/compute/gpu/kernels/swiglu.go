package kernels

// SwiGLU sets Dst [n, f] = silu(g)·u for X = [g | u] [n, 2f].
type SwiGLU struct{ Dst, X View }

// Call returns the launch.
func (k *SwiGLU) Call() Call {
	return elementwise("swiglu", k.Dst.Rows, k.Dst.Cols, k)
}

// SwiGLUBackward sets DX [n, 2f] from DY [n, f]. DX may be X.
type SwiGLUBackward struct{ DX, DY, X View }

// Call returns the launch.
func (k *SwiGLUBackward) Call() Call {
	return elementwise("swiglu_backward", k.DY.Rows, k.DY.Cols, k)
}
