//go:build linux

package kernels_test

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"github.com/grokputer/grokputer/lm/compute/gpu/kernels"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/gguf/half"
)

var types = []gguf.Type{
	gguf.F32, gguf.F16, gguf.BF16, gguf.Q4_0, gguf.Q4_1, gguf.Q5_0, gguf.Q5_1, gguf.Q8_0, gguf.IQ4_NL, gguf.Q4_K, gguf.Q5_K, gguf.Q6_K, gguf.NF4,
}

// weight returns a random tensor, and its values as lm/gguf has them.
func (b bench) weight(kind gguf.Type, rows, cols int) (gguf.Tensor, grid) {
	b.Helper()

	var t gguf.Tensor

	switch kind {
	case gguf.F32:
		t = plain(b.grid(rows, cols, 0.1))
	case gguf.F16, gguf.BF16:
		t = gguf.Tensor{Name: kind.String(), Type: kind, Shape: []int{rows, cols}}
		for _, x := range b.grid(rows, cols, 0.1).v {
			bits := half.ToBFloat16(x)
			if kind == gguf.F16 {
				bits = half.ToFloat16(x)
			}

			t.Data = binary.LittleEndian.AppendUint16(t.Data, bits)
		}
	case gguf.NF4:
		var err error
		if t, err = gguf.QuantizeNF4(plain(b.grid(rows, cols, 0.1))); err != nil {
			b.Fatal(err)
		}
	default:
		t = b.blocks(kind, rows, cols)
	}

	values := newGrid(rows, cols)
	if err := t.Dequantize(values.v); err != nil {
		b.Fatal(err)
	}

	return t, values
}

// blocks returns random blocks. Their scales and minima in half precision are of both signs and 2^-5 to 2^-4, and some 0 or
// subnormal.
func (b bench) blocks(kind gguf.Type, rows, cols int) gguf.Tensor {
	size := kind.BlockBytes()
	data := make([]byte, rows*cols/kind.BlockSize()*size)

	for i := range data {
		data[i] = byte(b.random.Uint32())
	}

	scales := map[gguf.Type][]int{
		gguf.Q4_1: {0, 2}, gguf.Q5_1: {0, 2}, gguf.Q4_K: {0, 2}, gguf.Q5_K: {0, 2}, gguf.Q6_K: {208},
	}[kind]
	if scales == nil {
		scales = []int{0}
	}

	for at := 0; at < len(data); at += size {
		for _, s := range scales {
			exponent := uint16(10)
			if b.random.IntN(10) == 0 {
				exponent = 0
			}

			binary.LittleEndian.PutUint16(data[at+s:], exponent<<10|uint16(b.random.Uint32()&0x83ff))
		}
	}

	return gguf.Tensor{Name: kind.String(), Type: kind, Shape: []int{rows, cols}, Data: data}
}

// stored uploads a weight, the state of NF4 by itself.
func (b bench) stored(t gguf.Tensor) kernels.Stored {
	s := kernels.Stored{Rows: int32(t.Rows()), Cols: int32(t.Cols())}
	if at := kernels.StateOffset(t); at > 0 {
		s.Data, s.State = upload(b, t.Data[:at]), upload(b, t.Data[at:])
	} else {
		s.Data = upload(b, t.Data)
	}

	return s
}

// widths returns numbers of columns that a type can have: few, and more than the lanes of a team unpack at once.
func widths(kind gguf.Type) []int {
	switch kind.BlockSize() {
	case 1:
		return []int{1, 37, 48, 552, 1024}
	case 256:
		return []int{256, 1280}
	default:
		return []int{64, 576, 1152}
	}
}

func TestSupports(t *testing.T) {
	t.Parallel()

	for _, kind := range types {
		if !kernels.Supports(kind) {
			t.Errorf("%v is not supported", kind)
		}
	}

	for _, kind := range []gguf.Type{gguf.Q2_K, gguf.Q3_K, gguf.IQ4_XS, gguf.F64, 999} {
		if kernels.Supports(kind) {
			t.Errorf("%v is supported", kind)
		}
	}

	if at := kernels.StateOffset(gguf.Tensor{Type: gguf.NF4, Shape: []int{3, 128}}); at != 3*2*33 {
		t.Errorf("the state of 6 blocks of NF4 begins at %d", at)
	}

	var s kernels.Stored
	if unsafe.Sizeof(s) != 24 {
		t.Error("size of Stored", unsafe.Sizeof(s))
	}
}
