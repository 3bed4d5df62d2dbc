package kernels

import (
	"unsafe"

	"github.com/grokputer/grokputer/lm/gguf"
)

// Stored is a frozen weight on the card, the twin of stored in blocks.cu. Data begins at a multiple of 16 bytes. State is what comes
// after the blocks of NF4, as float32, see StateOffset; other types have none.
type Stored struct {
	Data       unsafe.Pointer
	State      unsafe.Pointer
	Rows, Cols int32
}

// StateOffset returns where in the data of a tensor of type NF4 the state begins, and 0 for other types. On the card it has to
// lie at a multiple of four bytes, which in the data it may not.
func StateOffset(t gguf.Tensor) int {
	if t.Type != gguf.NF4 {
		return 0
	}

	return t.Rows() * t.RowBytes()
}

// piece is how many weights a lane unpacks at once.
const piece = 16

// pieces returns how many pieces a row has.
func (s Stored) pieces() int64 { return int64(s.Cols+piece-1) / piece }

// kernelSuffix returns what kernels of a type end with, or "" for a type that there are no kernels for.
func kernelSuffix(t gguf.Type) string {
	switch t {
	case gguf.F32:
		return "f32"
	case gguf.F16:
		return "f16"
	case gguf.BF16:
		return "bf16"
	case gguf.Q4_0:
		return "q4_0"
	case gguf.Q4_1:
		return "q4_1"
	case gguf.Q5_0:
		return "q5_0"
	case gguf.Q5_1:
		return "q5_1"
	case gguf.Q8_0:
		return "q8_0"
	case gguf.IQ4_NL:
		return "iq4_nl"
	case gguf.Q4_K:
		return "q4_k"
	case gguf.Q5_K:
		return "q5_k"
	case gguf.Q6_K:
		return "q6_k"
	case gguf.NF4:
		return "nf4"
	default:
		return ""
	}
}

// Supports reports whether there are kernels for weights of a type: those that lm/gguf dequantises.
func Supports(t gguf.Type) bool { return kernelSuffix(t) != "" }
