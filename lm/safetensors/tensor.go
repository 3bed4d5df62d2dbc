package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/gguf/half"
)

// DType is the type of a tensor's elements, as the format names it.
type DType string

// The element types that can be converted to and from float32. Others are listed, sized and checked,
// but Float32s refuses them.
const (
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
)

// size returns the bytes of one element, 0 for an unknown type.
func (d DType) size() int {
	switch d {
	case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0":
		return 1
	case F16, BF16, "I16", "U16":
		return 2
	case F32, "I32", "U32":
		return 4
	case "F64", "I64", "U64", "C64":
		return 8
	default:
		return 0
	}
}

// Tensor is one named array.
type Tensor struct {
	Name  string
	DType DType
	// Shape has the outermost dimension first; an empty shape is a single number.
	Shape []int
	// Data is little-endian and row-major. In a tensor of an open file it is a read-only view, valid
	// until File.Close.
	Data []byte
}

// NewF32 returns a tensor that stores values, row-major, as F32.
func NewF32(name string, shape []int, values []float32) Tensor {
	data := make([]byte, 0, 4*len(values))
	for _, x := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}

	return Tensor{Name: name, DType: F32, Shape: shape, Data: data}
}

// NewBF16 returns a tensor that stores values, row-major, rounded to the nearest BF16.
func NewBF16(name string, shape []int, values []float32) Tensor {
	data := make([]byte, 0, 2*len(values))
	for _, x := range values {
		data = binary.LittleEndian.AppendUint16(data, half.ToBFloat16(x))
	}

	return Tensor{Name: name, DType: BF16, Shape: shape, Data: data}
}

// Len returns the number of elements that the shape holds.
func (t Tensor) Len() int {
	n := 1
	for _, dimension := range t.Shape {
		n *= dimension
	}

	return n
}

// Float32s returns the elements as float32, row-major, in a new slice. F32, F16 and BF16 are converted
// exactly.
func (t Tensor) Float32s() ([]float32, error) {
	if err := t.check(); err != nil {
		return nil, err
	}

	out := make([]float32, t.Len())

	return out, t.Decode(out)
}

// Decode writes the elements as float32, row-major, to dst, whose length must be Len().
func (t Tensor) Decode(dst []float32) error {
	if err := t.check(); err != nil {
		return err
	}

	if len(dst) != t.Len() {
		return fmt.Errorf("%w: tensor %q: room for %d values, it has %d", ErrFormat, t.Name, len(dst), t.Len())
	}

	switch t.DType {
	case F32:
		for i, data := 0, t.Data; i < len(dst) && len(data) >= 4; i, data = i+1, data[4:] {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(data))
		}
	case F16:
		for i := range dst {
			dst[i] = half.Float16(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = half.BFloat16(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
	default:
		return fmt.Errorf("%w: tensor %q: %s as float32", ErrUnsupported, t.Name, t.DType)
	}

	return nil
}

// check returns an error that says why the tensor's type, shape and data do not belong together.
func (t Tensor) check() error {
	size := t.DType.size()
	if size == 0 {
		return fmt.Errorf("%w: tensor %q: element type %q", ErrUnsupported, t.Name, string(t.DType))
	}

	bytes := size

	for _, n := range t.Shape {
		// A zero anywhere makes the tensor empty; the others must still be possible.
		if n < 0 || n > 0 && bytes > math.MaxInt/n {
			return fmt.Errorf("%w: tensor %q: impossible shape %v", ErrFormat, t.Name, t.Shape)
		}

		bytes *= n
	}

	if len(t.Data) != bytes {
		return fmt.Errorf("%w: tensor %q has %d bytes of data, shape %v of %s needs %d",
			ErrFormat, t.Name, len(t.Data), t.Shape, t.DType, bytes)
	}

	return nil
}
