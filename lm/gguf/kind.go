package gguf

import "fmt"

// Kind is the type of a metadata value; the numbers are those of the file format.
type Kind uint32

// The kinds of metadata values.
const (
	KindUint8 Kind = iota
	KindInt8
	KindUint16
	KindInt16
	KindUint32
	KindInt32
	KindFloat32
	KindBool
	KindString
	KindArray
	KindUint64
	KindInt64
	KindFloat64
)

// String returns the kind's name as the format's description has it.
func (k Kind) String() string {
	switch k {
	case KindUint8:
		return "uint8"
	case KindInt8:
		return "int8"
	case KindUint16:
		return "uint16"
	case KindInt16:
		return "int16"
	case KindUint32:
		return "uint32"
	case KindInt32:
		return "int32"
	case KindFloat32:
		return "float32"
	case KindBool:
		return "bool"
	case KindString:
		return "string"
	case KindArray:
		return "array"
	case KindUint64:
		return "uint64"
	case KindInt64:
		return "int64"
	case KindFloat64:
		return "float64"
	default:
		return fmt.Sprintf("kind %d", uint32(k))
	}
}

// size returns the bytes that a number or bool of this kind takes in the file, 0 for strings, arrays
// and unknown kinds.
func (k Kind) size() uint64 {
	switch k {
	case KindUint8, KindInt8, KindBool:
		return 1
	case KindUint16, KindInt16:
		return 2
	case KindUint32, KindInt32, KindFloat32:
		return 4
	case KindUint64, KindInt64, KindFloat64:
		return 8
	case KindString, KindArray:
		return 0
	default:
		return 0
	}
}
