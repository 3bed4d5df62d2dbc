package gguf

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/gguf/half"
)

// Dequantize writes the tensor's values as float32, row-major, to dst, whose length must be
// Rows() x Cols().
func (t Tensor) Dequantize(dst []float32) error {
	size, err := byteSize(t.Type, t.Shape)
	if err != nil {
		return fmt.Errorf("tensor %q: %w", t.Name, err)
	}

	if uint64(len(t.Data)) != size || len(dst) != t.Rows()*t.Cols() {
		return fmt.Errorf("%w: tensor %q: %d bytes and room for %d values, shape %v of %s has %d bytes and %d values",
			ErrFormat, t.Name, len(t.Data), len(dst), t.Shape, t.Type, size, t.Rows()*t.Cols())
	}

	return t.decode(dst, t.Data, 0)
}

// DequantizeRow writes one row's values as float32 to dst, whose length must be Cols().
func (t Tensor) DequantizeRow(dst []float32, row int) error {
	data, err := t.Row(row)
	if err != nil {
		return err
	}

	if len(dst) != t.Cols() || len(data) == 0 {
		return fmt.Errorf("%w: tensor %q: room for %d values, a row of %s has %d",
			ErrFormat, t.Name, len(dst), t.Type, t.Cols())
	}

	return t.decode(dst, data, row)
}

// decode writes the values of whole rows from one on; both lengths were checked.
func (t Tensor) decode(dst []float32, src []byte, row int) error {
	switch t.Type {
	case NF4:
		return t.decodeNF4(dst, row)
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case F16:
		for i := range dst {
			dst[i] = half.Float16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = half.BFloat16(binary.LittleEndian.Uint16(src[2*i:]))
		}
	default:
		block, ok := blockDecoder(t.Type)
		if !ok {
			return fmt.Errorf("%w: tensor %q: no dequantiser for %s", ErrUnsupported, t.Name, t.Type)
		}

		size, bytes := t.Type.BlockSize(), t.Type.BlockBytes()

		for len(dst) > 0 {
			block(dst[:size], src[:bytes])
			dst, src = dst[size:], src[bytes:]
		}
	}

	return nil
}

// blockDecoder returns the function that decodes one block of the type.
func blockDecoder(t Type) (func(dst []float32, block []byte), bool) {
	switch t {
	case Q4_0:
		return decodeQ4_0, true
	case Q4_1:
		return decodeQ4_1, true
	case Q5_0:
		return decodeQ5_0, true
	case Q5_1:
		return decodeQ5_1, true
	case Q8_0:
		return decodeQ8_0, true
	case IQ4_NL:
		return decodeIQ4NL, true
	case Q4_K:
		return decodeQ4K, true
	case Q5_K:
		return decodeQ5K, true
	case Q6_K:
		return decodeQ6K, true
	default:
		return nil, false
	}
}
