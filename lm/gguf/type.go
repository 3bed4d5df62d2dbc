package gguf

import "fmt"

// Type is the storage type of a tensor's elements; the numbers are those of the file format
// (enum ggml_type in llama.cpp's ggml.h).
type Type uint32

// The tensor types. Q4_0 and the like are groups of weights ("blocks") that share a scale.
//
//nolint:staticcheck // the format's own names
const (
	F32    Type = 0
	F16    Type = 1
	Q4_0   Type = 2
	Q4_1   Type = 3
	Q5_0   Type = 6
	Q5_1   Type = 7
	Q8_0   Type = 8
	Q2_K   Type = 10
	Q3_K   Type = 11
	Q4_K   Type = 12
	Q5_K   Type = 13
	Q6_K   Type = 14
	IQ4_NL Type = 20
	IQ4_XS Type = 23
	I8     Type = 24
	I16    Type = 25
	I32    Type = 26
	I64    Type = 27
	F64    Type = 28
	BF16   Type = 30
)

// layout describes how a type is stored.
type layout struct {
	name       string
	block      int // elements in a block
	blockBytes int
}

// layout returns the type's layout and whether the type is known.
func (t Type) layout() (layout, bool) {
	switch t {
	case F32:
		return layout{"F32", 1, 4}, true
	case F16:
		return layout{"F16", 1, 2}, true
	case BF16:
		return layout{"BF16", 1, 2}, true
	case F64:
		return layout{"F64", 1, 8}, true
	case I8:
		return layout{"I8", 1, 1}, true
	case I16:
		return layout{"I16", 1, 2}, true
	case I32:
		return layout{"I32", 1, 4}, true
	case I64:
		return layout{"I64", 1, 8}, true
	case Q4_0:
		return layout{"Q4_0", 32, 2 + 16}, true
	case Q4_1:
		return layout{"Q4_1", 32, 2 + 2 + 16}, true
	case Q5_0:
		return layout{"Q5_0", 32, 2 + 4 + 16}, true
	case Q5_1:
		return layout{"Q5_1", 32, 2 + 2 + 4 + 16}, true
	case Q8_0:
		return layout{"Q8_0", 32, 2 + 32}, true
	case Q2_K:
		return layout{"Q2_K", 256, 16 + 64 + 2 + 2}, true
	case Q3_K:
		return layout{"Q3_K", 256, 32 + 64 + 12 + 2}, true
	case Q4_K:
		return layout{"Q4_K", 256, 2 + 2 + 12 + 128}, true
	case Q5_K:
		return layout{"Q5_K", 256, 2 + 2 + 12 + 32 + 128}, true
	case Q6_K:
		return layout{"Q6_K", 256, 128 + 64 + 16 + 2}, true
	case IQ4_NL:
		return layout{"IQ4_NL", 32, 2 + 16}, true
	case IQ4_XS:
		return layout{"IQ4_XS", 256, 2 + 2 + 4 + 128}, true
	case NF4:
		return layout{"NF4", nf4Block, nf4BlockBytes}, true
	default:
		return layout{}, false
	}
}

// BlockSize returns how many elements of a row form one block: 1 for plain numbers, 0 for an unknown type.
func (t Type) BlockSize() int {
	l, _ := t.layout()

	return l.block
}

// BlockBytes returns the bytes of one block, 0 for an unknown type.
func (t Type) BlockBytes() int {
	l, _ := t.layout()

	return l.blockBytes
}

// String returns the type's name as llama.cpp writes it.
func (t Type) String() string {
	if l, ok := t.layout(); ok {
		return l.name
	}

	return fmt.Sprintf("tensor type %d", uint32(t))
}
