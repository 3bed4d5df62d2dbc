// Package safetensors reads and writes safetensors files, the format in which Hugging Face's libraries
// keep weights and PEFT its adapters: an 8-byte little-endian header length, a JSON header, and the
// tensors' data without gaps, little-endian and row-major.
//
// The rules are those of the reference implementation (huggingface/safetensors, tensor.rs). A file
// comes from elsewhere and is not trusted: Open checks the whole header against the file's size.
package safetensors

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/grokputer/grokputer/lm/gguf/mapped"
)

var (
	// ErrTruncated is returned when the file ends before what its header promises.
	ErrTruncated = errors.New("safetensors: file is truncated")
	// ErrFormat is returned when the content, or a tensor to be written, contradicts the format.
	ErrFormat = errors.New("safetensors: malformed file")
	// ErrUnsupported is returned for element types that this package does not know or cannot convert.
	ErrUnsupported = errors.New("safetensors: not supported")
)

// File is an open safetensors file. Its methods may be called from several goroutines at once; Close
// only when no Tensor.Data of it is used any more.
type File struct {
	mapping  *mapped.File
	metadata map[string]string
	tensors  []Tensor // in the order of their data
	index    map[string]int
}

// Open maps the safetensors file at path and checks its header; tensor data is not read.
func Open(path string) (*File, error) {
	mapping, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}

	file := &File{mapping: mapping}
	if err := file.parse(mapping.Bytes()); err != nil {
		_ = mapping.Close() // the parse error is the one to report

		return nil, fmt.Errorf("%s: %w", path, err)
	}

	return file, nil
}

// Parse is Open for a file's content in memory, which must not change while the file's tensors are in
// use. Close does nothing to it.
func Parse(content []byte) (*File, error) {
	file := &File{mapping: &mapped.File{}}
	if err := file.parse(content); err != nil {
		return nil, err
	}

	return file, nil
}

// Close unmaps the file; the tensors' Data must not be touched any more.
func (f *File) Close() error {
	if err := f.mapping.Close(); err != nil {
		return fmt.Errorf("safetensors: close: %w", err)
	}

	return nil
}

// Names returns the tensors' names in the order of their data in the file.
func (f *File) Names() []string {
	names := make([]string, len(f.tensors))
	for i, tensor := range f.tensors {
		names[i] = tensor.Name
	}

	return names
}

// Tensors returns all tensors in the order of their data in the file.
func (f *File) Tensors() []Tensor { return slices.Clone(f.tensors) }

// Tensor returns the tensor of that name, and whether there is one.
func (f *File) Tensor(name string) (Tensor, bool) {
	i, ok := f.index[name]
	if !ok {
		return Tensor{}, false
	}

	return f.tensors[i], true
}

// Metadata returns the header's `__metadata__`, such as {"format": "pt"}.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }
