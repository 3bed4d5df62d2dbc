package gguf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

const (
	lengthBytes   = 8             // a string's or array's length field
	smallestValue = 8 + 1 + 4 + 1 // key length, one byte of key, kind, one byte of value
)

// Value is one metadata value: a number, a bool, a string, or an array of these.
type Value struct {
	kind    Kind
	element Kind   // of an array
	count   int    // elements of an array
	raw     []byte // as in the file, without a string's or array's length; on the heap, not in the map
}

// Kind returns the value's type.
func (v Value) Kind() Kind { return v.kind }

// Len returns the number of elements of an array and 0 for anything else.
func (v Value) Len() int { return v.count }

// Text returns a string value.
func (v Value) Text() (string, error) {
	if v.kind != KindString {
		return "", v.mismatch("a string")
	}

	return string(v.raw), nil
}

// Bool returns a bool value.
func (v Value) Bool() (bool, error) {
	if v.kind != KindBool {
		return false, v.mismatch("a bool")
	}

	return v.raw[0] != 0, nil
}

// Uint returns an integer of any width that is not negative.
func (v Value) Uint() (uint64, error) {
	switch v.kind {
	case KindUint8, KindUint16, KindUint32, KindUint64:
		return unsigned(v.raw), nil
	default:
		i, err := v.Int()
		if err != nil || i < 0 {
			return 0, v.mismatch("an integer that is not negative")
		}

		return uint64(i), nil
	}
}

// Int returns an integer of any width.
func (v Value) Int() (int64, error) {
	i, ok := integer(v.kind, v.raw)
	if !ok {
		return 0, v.mismatch("an integer in the range of int64")
	}

	return i, nil
}

// Float returns a float32 or float64 value.
func (v Value) Float() (float64, error) {
	x, ok := float(v.kind, v.raw)
	if !ok {
		return 0, v.mismatch("a float")
	}

	return x, nil
}

// Strings returns an array of strings.
func (v Value) Strings() ([]string, error) {
	if v.kind != KindArray || v.element != KindString {
		return nil, v.mismatch("an array of strings")
	}

	// The lengths were checked when the value was parsed.
	out := make([]string, v.count)
	rest := v.raw

	for i := range out {
		n := binary.LittleEndian.Uint64(rest)
		out[i] = string(rest[lengthBytes : lengthBytes+n])
		rest = rest[lengthBytes+n:]
	}

	return out, nil
}

// Ints returns an array of integers of any one width.
func (v Value) Ints() ([]int64, error) {
	return elements(v, "an array of integers in the range of int64", integer)
}

// Floats returns an array of float32 or float64 numbers.
func (v Value) Floats() ([]float64, error) {
	return elements(v, "an array of floats", float)
}

// Bools returns an array of bools.
func (v Value) Bools() ([]bool, error) {
	return elements(v, "an array of bools", func(kind Kind, raw []byte) (bool, bool) {
		return raw[0] != 0, kind == KindBool
	})
}

// String describes the value's type, for errors and dumps: "uint32", "array of 3 string".
func (v Value) String() string {
	if v.kind == KindArray {
		return fmt.Sprintf("array of %d %s", v.count, v.element)
	}

	return v.kind.String()
}

func (v Value) mismatch(wanted string) error {
	return fmt.Errorf("%w: it is %s, not %s", ErrKind, v.String(), wanted)
}

// elements decodes an array of numbers or bools.
func elements[T any](v Value, wanted string, decode func(Kind, []byte) (T, bool)) ([]T, error) {
	size := int(v.element.size())
	if v.kind != KindArray || size == 0 {
		return nil, v.mismatch(wanted)
	}

	out := make([]T, v.count)

	for i := range out {
		x, ok := decode(v.element, v.raw[i*size:(i+1)*size])
		if !ok {
			return nil, v.mismatch(wanted)
		}

		out[i] = x
	}

	return out, nil
}

// unsigned reads a little-endian integer of len(raw) bytes.
func unsigned(raw []byte) uint64 {
	var word [8]byte

	copy(word[:], raw)

	return binary.LittleEndian.Uint64(word[:])
}

func integer(kind Kind, raw []byte) (int64, bool) {
	bits := unsigned(raw[:min(len(raw), 8)])

	switch kind {
	case KindUint8, KindUint16, KindUint32:
		return int64(bits), true
	case KindUint64:
		return int64(bits), bits <= math.MaxInt64
	case KindInt8:
		return int64(int8(bits)), true
	case KindInt16:
		return int64(int16(bits)), true
	case KindInt32:
		return int64(int32(bits)), true
	case KindInt64:
		return int64(bits), true
	default:
		return 0, false
	}
}

func float(kind Kind, raw []byte) (float64, bool) {
	switch kind {
	case KindFloat32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))), true
	case KindFloat64:
		return math.Float64frombits(binary.LittleEndian.Uint64(raw)), true
	default:
		return 0, false
	}
}

func (f *File) parseValues(r *reader, count uint64) error {
	if !r.fits(count, smallestValue, "metadata values") {
		return r.err
	}

	f.keys = make([]string, 0, count)
	f.values = make(map[string]Value, count)

	for range count {
		at := r.offset

		key := r.text("metadata key")
		if r.err != nil {
			return r.err
		}

		if key == "" {
			return fmt.Errorf("%w: empty metadata key at offset %d", ErrFormat, at)
		}

		if _, twice := f.values[key]; twice {
			return fmt.Errorf("%w: metadata key %q a second time at offset %d", ErrFormat, key, at)
		}

		value, err := parseValue(r)
		if err != nil {
			return fmt.Errorf("metadata key %q: %w", key, err)
		}

		f.keys = append(f.keys, key)
		f.values[key] = value
	}

	return nil
}

func parseValue(r *reader) (Value, error) {
	value := Value{kind: Kind(r.uint32("type of a value"))}

	switch {
	case r.err != nil:
	case value.kind == KindString:
		value.raw = bytes.Clone(r.bytes(r.uint64("length of a string"), "string"))
	case value.kind == KindArray:
		parseArray(r, &value)
	case value.kind.size() > 0:
		value.raw = bytes.Clone(r.bytes(value.kind.size(), "value"))
	default:
		r.err = fmt.Errorf("%w: unknown value type %d before offset %d", ErrFormat, uint32(value.kind), r.offset)
	}

	return value, r.err
}

func parseArray(r *reader, value *Value) {
	value.element = Kind(r.uint32("type of array elements"))
	count := r.uint64("length of an array")
	start := r.offset

	switch {
	case r.err != nil:
		return
	case value.element == KindArray:
		r.err = fmt.Errorf("%w: array of arrays before offset %d", ErrUnsupported, r.offset)

		return
	case value.element == KindString:
		if !r.fits(count, lengthBytes, "strings") {
			return
		}

		for i := uint64(0); i < count && r.err == nil; i++ {
			r.bytes(r.uint64("length of an array's string"), "string of an array")
		}
	case value.element.size() > 0:
		if !r.fits(count, value.element.size(), "array elements") {
			return
		}

		r.bytes(count*value.element.size(), "array")
	default:
		r.err = fmt.Errorf("%w: unknown array element type %d before offset %d",
			ErrFormat, uint32(value.element), r.offset)
	}

	if r.err == nil {
		value.count = int(count)
		value.raw = bytes.Clone(r.data[start:r.offset])
	}
}
