package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

const (
	lengthBytes     = 8
	headerAlignment = 8
	maxHeaderBytes  = 100_000_000
	metadataKey     = "__metadata__"
)

// entry is a tensor's description in the JSON header.
type entry struct {
	DType   DType    `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets []uint64 `json:"data_offsets"`
}

// described is an entry with its name.
type described struct {
	name string
	entry
}

func (f *File) parse(content []byte) error {
	header, data, err := split(content)
	if err != nil {
		return err
	}

	entries, err := f.parseHeader(header)
	if err != nil {
		return err
	}

	// By begin and then end, so that an empty tensor comes before the one that begins at its place.
	slices.SortStableFunc(entries, func(a, b described) int {
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]))
	})

	f.tensors = make([]Tensor, 0, len(entries))
	f.index = make(map[string]int, len(entries))
	end := uint64(0)

	for _, e := range entries {
		begin := e.Offsets[0]

		switch {
		case begin != end:
			return fmt.Errorf("%w: data of tensor %q begins at %d, the data before it ends at %d: a gap or an overlap",
				ErrFormat, e.name, begin, end)
		case e.Offsets[1] < begin:
			return fmt.Errorf("%w: data of tensor %q ends at %d before it begins at %d",
				ErrFormat, e.name, e.Offsets[1], begin)
		case e.Offsets[1] > uint64(len(data)):
			return fmt.Errorf("%w: tensor %q ends at byte %d of the data, the file has %d",
				ErrTruncated, e.name, e.Offsets[1], len(data))
		}

		end = e.Offsets[1]
		tensor := Tensor{Name: e.name, DType: e.DType, Shape: e.Shape, Data: data[begin:end:end]}

		if err := tensor.check(); err != nil {
			return err
		}

		f.index[tensor.Name] = len(f.tensors)
		f.tensors = append(f.tensors, tensor)
	}

	if end != uint64(len(data)) {
		return fmt.Errorf("%w: %d bytes behind the last tensor", ErrFormat, uint64(len(data))-end)
	}

	return nil
}

// split returns the JSON header and the data.
func split(content []byte) (header, data []byte, err error) {
	if len(content) < lengthBytes {
		return nil, nil, fmt.Errorf("%w: %d bytes are no header length", ErrTruncated, len(content))
	}

	length, rest := binary.LittleEndian.Uint64(content), content[lengthBytes:]

	if length > maxHeaderBytes {
		return nil, nil, fmt.Errorf("%w: header of %d bytes, at most %d are allowed: not a safetensors file?",
			ErrFormat, length, maxHeaderBytes)
	}

	if length > uint64(len(rest)) {
		return nil, nil, fmt.Errorf("%w: header of %d bytes, the file has %d after its length",
			ErrTruncated, length, len(rest))
	}

	header = rest[:length]
	if length == 0 || header[0] != '{' || !utf8.Valid(header) {
		return nil, nil, fmt.Errorf("%w: the header is not a JSON object in UTF-8", ErrFormat)
	}

	return header, rest[length:], nil
}

// parseHeader reads the JSON object key by key, because a name that comes twice must be seen.
func (f *File) parseHeader(header []byte) ([]described, error) {
	decoder := json.NewDecoder(bytes.NewReader(header))
	decoder.DisallowUnknownFields()

	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrFormat, err)
	}

	var entries []described

	seen := make(map[string]bool)

	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: header: %w", ErrFormat, err)
		}

		name, ok := token.(string)
		if !ok || seen[name] {
			return nil, fmt.Errorf("%w: header: key %v a second time, or no string", ErrFormat, token)
		}

		seen[name] = true

		if name == metadataKey {
			if err := decoder.Decode(&f.metadata); err != nil {
				return nil, fmt.Errorf("%w: header: %s: %w", ErrFormat, metadataKey, err)
			}

			continue
		}

		e := described{name: name}
		if err := decoder.Decode(&e.entry); err != nil {
			return nil, fmt.Errorf("%w: header: tensor %q: %w", ErrFormat, name, err)
		}

		if len(e.Offsets) != 2 || e.Shape == nil || e.DType == "" {
			return nil, fmt.Errorf("%w: header: tensor %q lacks dtype, shape or two data_offsets", ErrFormat, name)
		}

		entries = append(entries, e)
	}

	if _, err := decoder.Token(); err != nil { // the closing brace
		return nil, fmt.Errorf("%w: header: %w", ErrFormat, err)
	}

	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: header: more than one JSON value", ErrFormat)
	}

	return entries, nil
}
