package safetensors

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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

	err = replace(path, func(out io.Writer) error {
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

// replace makes path hold what write writes, all of it or nothing.
func replace(path string, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)

	file, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}

	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()

	out := bufio.NewWriter(file)
	if err := write(out); err != nil {
		return fmt.Errorf("content: %w", err)
	}

	if err := out.Flush(); err != nil {
		return fmt.Errorf("content: %w", err)
	}

	if err := file.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}

	if err := file.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}

	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("rename: %w", err)
	}

	return syncDirectory(dir)
}

// syncDirectory makes a rename in dir survive a power failure.
func syncDirectory(dir string) error {
	handle, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory: %w", err)
	}

	err = handle.Sync()
	if closeErr := handle.Close(); err == nil {
		err = closeErr
	}

	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}

	return nil
}
