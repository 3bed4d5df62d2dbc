package kernels

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/gguf"
)

// MostFewRows is how many rows of x FewRows is fast for.
const MostFewRows = 8

// FewRows sets columns [Column, Column+Outputs) of Y to products of X with rows of a weight or, if Add is 1, adds them. Output o is that
// with row o+Shift or, if Rows (int32 [Outputs]) is given, with row Rows[o]+Shift. Outputs whose rows the weight does not have are
// left as they are, see Dequantize. It reads the weight once for up to MostFewRows rows of X in float32 whose addresses are
// multiples of 16 bytes, and once for each row else.
type FewRows struct {
	Y, X                        View
	W                           Stored
	Rows                        unsafe.Pointer
	Outputs, Shift, Column, Add int32
	Type                        gguf.Type
	_                           int32
}

// Call returns the launch of the kernel for the weight's type, some outputs for each team.
func (k *FewRows) Call() Call {
	const lanes, outputs = 128, 2

	name := "few_rows_"
	if k.X.Rows == 1 {
		name = "one_row_"
	}

	return launch(name+kernelSuffix(k.Type), groups(int64(k.Outputs), lanes/team*outputs), 1, lanes, k)
}
