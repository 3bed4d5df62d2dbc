package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/grokputer/grokputer/lm/gguf/wholefile"
)

// Write writes the tensors to a file at path, readable by its owner only, or leaves what was there
// before: the content goes to a temporary file beside it, reaches the disk, and is renamed.
//
// The file has the layout that the reference implementation gives it: tensors by element type (F32,
// BF16, F16) and then by name, so that equal tensors make equal files. A nil metadata stands for
// {"format": "pt"}, which PEFT and transformers expect.
func Write(path string, tensors []Tensor, metadata map[string]string) error {
	if metadata == nil {
		metadata = map[string]string{"format": "pt"}
	}

	ordered := slices.SortedFunc(slices.Values(tensors), func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.DType.order(), a.DType.order()), cmp.Compare(a.Name, b.Name))
	})

	header, err := encodeHeader(ordered, metadata)
	if err != nil {
		return err
	}

	err = wholefile.Write(path, func(out io.Writer) error {
		if _, err := out.Write(header); err != nil {
			return err
		}

		for _, tensor := range ordered {
			if _, err := out.Write(tensor.Data); err != nil {
				return err
			}
		}

		return nil
	})
	if err != nil {
		return fmt.Errorf("safetensors: write %s: %w", path, err)
	}

	return nil
}

// order is the type's place in the reference implementation's list, which sorts a file's tensors; 0
// for a type that is not written.
func (d DType) order() int {
	return 1 + slices.Index([]DType{F16, BF16, F32}, d)
}

// encodeHeader returns the length and the JSON header, padded with spaces.
func encodeHeader(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, lengthBytes))
	out.WriteByte('{')

	if len(metadata) > 0 {
		if err := encodePair(out, metadataKey, metadata); err != nil {
			return nil, err
		}
	}

	offset := uint64(0)
	seen := make(map[string]bool, len(tensors))

	for _, tensor := range tensors {
		if tensor.Name == "" || tensor.Name == metadataKey || seen[tensor.Name] {
			return nil, fmt.Errorf("%w: tensor name %q is empty, reserved or taken", ErrFormat, tensor.Name)
		}

		seen[tensor.Name] = true

		if tensor.DType.order() == 0 {
			return nil, fmt.Errorf("%w: tensor %q: writing %s", ErrUnsupported, tensor.Name, tensor.DType)
		}

		if err := tensor.check(); err != nil {
			return nil, err
		}

		end := offset + uint64(len(tensor.Data))
		shape := append([]int{}, tensor.Shape...) // [], not null, for a single number

		if err := encodePair(out, tensor.Name, entry{tensor.DType, shape, []uint64{offset, end}}); err != nil {
			return nil, err
		}

		offset = end
	}

	out.WriteByte('}')

	for out.Len()%headerAlignment != 0 {
		out.WriteByte(' ')
	}

	header := out.Bytes()
	binary.LittleEndian.PutUint64(header, uint64(len(header)-lengthBytes))

	if len(header)-lengthBytes > maxHeaderBytes {
		return nil, fmt.Errorf("%w: header of %d bytes, at most %d are allowed", ErrFormat, len(header), maxHeaderBytes)
	}

	return header, nil
}

// encodePair appends "key":value, with a comma before it unless it is the object's first.
func encodePair(out *bytes.Buffer, key string, value any) error {
	if out.Len() > lengthBytes+1 {
		out.WriteByte(',')
	}

	for i, part := range []any{key, value} {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)

		if err := encoder.Encode(part); err != nil {
			return fmt.Errorf("%w: header: %q: %w", ErrFormat, key, err)
		}

		out.Truncate(out.Len() - 1) // Encode ends with a newline

		if i == 0 {
			out.WriteByte(':')
		}
	}

	return nil
}
