package gguf

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/grokputer/grokputer/lm/gguf/wholefile"
)

// Writer collects metadata and tensors and writes them as a GGUF file of version 3. The zero value is
// ready to use; it is for one goroutine.
type Writer struct {
	keys    []string
	values  map[string]any
	tensors []Tensor
}

// Set adds a metadata value or replaces the one under that key. The value's Go type decides how it is
// stored: string, bool, uint32, int32, uint64, int64, float32, float64, or a slice of string, bool,
// uint32, int32 or float32.
func (w *Writer) Set(key string, value any) error {
	if key == "" {
		return fmt.Errorf("%w: empty metadata key", ErrFormat)
	}

	if _, err := appendValue(nil, value); err != nil {
		return fmt.Errorf("metadata key %q: %w", key, err)
	}

	if w.values == nil {
		w.values = make(map[string]any)
	}

	if _, replaced := w.values[key]; !replaced {
		w.keys = append(w.keys, key)
	}

	w.values[key] = value

	return nil
}

// Add adds a tensor. Its data must be as long as its type and shape demand and must stay unchanged
// until WriteTo has returned.
func (w *Writer) Add(tensor Tensor) error {
	size, err := fileSize(tensor.Type, tensor.Shape)
	if err != nil {
		return fmt.Errorf("tensor %q: %w", tensor.Name, err)
	}

	if uint64(len(tensor.Data)) != size {
		return fmt.Errorf("%w: tensor %q has %d bytes of data, shape %v of %s needs %d",
			ErrFormat, tensor.Name, len(tensor.Data), tensor.Shape, tensor.Type, size)
	}

	if tensor.Name == "" || slices.ContainsFunc(w.tensors, func(t Tensor) bool { return t.Name == tensor.Name }) {
		return fmt.Errorf("%w: tensor name %q is empty or taken", ErrFormat, tensor.Name)
	}

	w.tensors = append(w.tensors, tensor)

	return nil
}

// WriteTo writes the whole file to out and returns the number of bytes written. Tensor data is aligned
// to 32 bytes, or to the value of general.alignment if that was set as a uint32.
func (w *Writer) WriteTo(out io.Writer) (int64, error) {
	alignment := uint64(defaultAlignment)

	if value, ok := w.values[alignmentKey]; ok {
		n, isUint32 := value.(uint32)
		if !isUint32 || n == 0 || n&(n-1) != 0 {
			return 0, fmt.Errorf("%w: %s is %v, not a power of two as a uint32", ErrFormat, alignmentKey, value)
		}

		alignment = uint64(n)
	}

	header, err := w.header(alignment)
	if err != nil {
		return 0, err
	}

	buffered := &counter{out: bufio.NewWriter(out)}
	buffered.write(header)
	buffered.pad(alignment)

	for _, tensor := range w.tensors {
		buffered.write(tensor.Data)
		buffered.pad(alignment)
	}

	if buffered.err == nil {
		buffered.err = buffered.out.Flush()
	}

	if buffered.err != nil {
		return buffered.n, fmt.Errorf("gguf: write: %w", buffered.err)
	}

	return buffered.n, nil
}

// WriteFile writes the whole file to path, readable by its owner only, or leaves what was there before.
func (w *Writer) WriteFile(path string) error {
	err := wholefile.Write(path, func(out io.Writer) error {
		_, err := w.WriteTo(out)

		return err
	})
	if err != nil {
		return fmt.Errorf("gguf: write %s: %w", path, err)
	}

	return nil
}

// header returns everything before the tensors' data.
func (w *Writer) header(alignment uint64) ([]byte, error) {
	var err error

	out := []byte(magic)
	out = binary.LittleEndian.AppendUint32(out, newestVersion)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(w.tensors)))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(w.keys)))

	for _, key := range w.keys {
		out = appendText(out, key)
		if out, err = appendValue(out, w.values[key]); err != nil {
			return nil, fmt.Errorf("metadata key %q: %w", key, err)
		}
	}

	offset := uint64(0)

	for _, tensor := range w.tensors {
		out = appendText(out, tensor.Name)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(tensor.Shape)))

		for _, n := range slices.Backward(tensor.Shape) {
			out = binary.LittleEndian.AppendUint64(out, uint64(n))
		}

		out = binary.LittleEndian.AppendUint32(out, uint32(tensor.Type))
		out = binary.LittleEndian.AppendUint64(out, offset)
		offset = padded(offset+uint64(len(tensor.Data)), alignment)
	}

	return out, nil
}

func appendText(out []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(out, uint64(len(s))), s...)
}

// appendValue appends the value's kind and content.
func appendValue(out []byte, value any) ([]byte, error) {
	put := binary.LittleEndian

	switch v := value.(type) {
	case string:
		return appendText(put.AppendUint32(out, uint32(KindString)), v), nil
	case bool:
		return appendBool(put.AppendUint32(out, uint32(KindBool)), v), nil
	case uint32:
		return put.AppendUint32(put.AppendUint32(out, uint32(KindUint32)), v), nil
	case int32:
		return put.AppendUint32(put.AppendUint32(out, uint32(KindInt32)), uint32(v)), nil
	case uint64:
		return put.AppendUint64(put.AppendUint32(out, uint32(KindUint64)), v), nil
	case int64:
		return put.AppendUint64(put.AppendUint32(out, uint32(KindInt64)), uint64(v)), nil
	case float32:
		return put.AppendUint32(put.AppendUint32(out, uint32(KindFloat32)), math.Float32bits(v)), nil
	case float64:
		return put.AppendUint64(put.AppendUint32(out, uint32(KindFloat64)), math.Float64bits(v)), nil
	case []string:
		return appendArray(out, KindString, v, appendText), nil
	case []bool:
		return appendArray(out, KindBool, v, appendBool), nil
	case []uint32:
		return appendArray(out, KindUint32, v, put.AppendUint32), nil
	case []int32:
		return appendArray(out, KindInt32, v, func(out []byte, x int32) []byte {
			return put.AppendUint32(out, uint32(x))
		}), nil
	case []float32:
		return appendArray(out, KindFloat32, v, func(out []byte, x float32) []byte {
			return put.AppendUint32(out, math.Float32bits(x))
		}), nil
	default:
		return nil, fmt.Errorf("%w: metadata of Go type %T", ErrUnsupported, value)
	}
}

func appendArray[T any](out []byte, element Kind, values []T, one func([]byte, T) []byte) []byte {
	out = binary.LittleEndian.AppendUint32(out, uint32(KindArray))
	out = binary.LittleEndian.AppendUint32(out, uint32(element))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(values)))

	for _, value := range values {
		out = one(out, value)
	}

	return out
}

func appendBool(out []byte, value bool) []byte {
	if value {
		return append(out, 1)
	}

	return append(out, 0)
}

// counter writes and counts; the first error sticks.
type counter struct {
	out *bufio.Writer
	n   int64
	err error
}

func (c *counter) write(data []byte) {
	if c.err != nil {
		return
	}

	var n int

	n, c.err = c.out.Write(data)
	c.n += int64(n)
}

// pad writes zeros up to a multiple of alignment.
func (c *counter) pad(alignment uint64) {
	c.write(make([]byte, padded(uint64(c.n), alignment)-uint64(c.n)))
}
