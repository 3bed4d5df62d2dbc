package kernels

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/gguf"
)

// Dequantize sets row i of Dst to row i+Shift of the weight or, if Rows (int32 [Dst.Rows]) is given, to row Rows[i]+Shift. Rows that
// the weight does not have are left as they are: for an embedding whose table is in parts, each part is called with Shift the
// number of its first row, negated. In float32 the bits are those of gguf.Tensor.Dequantize; bfloat16 is rounded to nearest.
type Dequantize struct {
	Dst   View
	W     Stored
	Rows  unsafe.Pointer
	Type  gguf.Type
	Shift int32
}

// Call returns the launch.
func (k *Dequantize) Call() Call {
	return lanes("dequantize", int64(k.Dst.Rows)*k.W.pieces(), k)
}
