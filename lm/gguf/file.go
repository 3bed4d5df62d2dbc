// Package gguf reads and writes GGUF, the file format in which llama.cpp and its relatives keep
// language models: typed key-value metadata, a table of tensors, and the tensors' data, often
// quantised in small blocks.
//
// The format is described in ggml's docs/gguf.md; block layouts and dequantisation formulas follow
// llama.cpp's ggml-common.h and ggml-quants.c. Versions 2 and 3, little-endian, are read.
//
// A file comes from elsewhere and is not trusted: Open checks every count, length and offset against
// the file's size before it allocates or returns anything.
package gguf

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/grokputer/grokputer/lm/gguf/mapped"
)

var (
	// ErrTruncated is returned when the file ends before what its header promises: an interrupted
	// download, most often.
	ErrTruncated = errors.New("gguf: file is truncated")
	// ErrFormat is returned when the content contradicts the format or itself.
	ErrFormat = errors.New("gguf: malformed file")
	// ErrUnsupported is returned for what the format allows and this package does not handle: another
	// version, big-endian data, an unknown tensor type, a quantisation without a dequantiser.
	ErrUnsupported = errors.New("gguf: not supported")
	// ErrMissing is returned by the getters when the metadata has no such key.
	ErrMissing = errors.New("gguf: metadata key is missing")
	// ErrKind is returned by the getters when a value has another type than the one asked for.
	ErrKind = errors.New("gguf: metadata value has another type")
)

const (
	magic            = "GGUF"
	oldestVersion    = 2
	newestVersion    = 3
	defaultAlignment = 32
	maxDimensions    = 4
	alignmentKey     = "general.alignment"
)

// File is an open GGUF file. Its methods may be called from several goroutines at once; Close only
// when no Tensor.Data of it is used any more.
type File struct {
	mapping *mapped.File
	version int
	keys    []string // in file order
	values  map[string]Value
	tensors []Tensor // in file order
	index   map[string]int
}

// Open maps the GGUF file at path and checks its whole structure; tensor data is not read.
func Open(path string) (*File, error) {
	mapping, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("gguf: %w", err)
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

// Close unmaps the file. Metadata stays readable; the tensors' Data must not be touched any more.
func (f *File) Close() error {
	if err := f.mapping.Close(); err != nil {
		return fmt.Errorf("gguf: close: %w", err)
	}

	return nil
}

// Version returns the version of the format that the file declares, 2 or 3.
func (f *File) Version() int { return f.version }

// Tensors returns all tensors in the order of the file's table.
func (f *File) Tensors() []Tensor { return slices.Clone(f.tensors) }

// Tensor returns the tensor of that name, and whether there is one.
func (f *File) Tensor(name string) (Tensor, bool) {
	i, ok := f.index[name]
	if !ok {
		return Tensor{}, false
	}

	return f.tensors[i], true
}

func (f *File) parse(data []byte) error {
	r := &reader{data: data}

	tensorCount, valueCount, err := f.parseHeader(r)
	if err != nil {
		return err
	}

	if err := f.parseValues(r, valueCount); err != nil {
		return err
	}

	alignment, err := f.alignment()
	if err != nil {
		return err
	}

	return f.parseTensors(r, tensorCount, alignment)
}

func (f *File) parseHeader(r *reader) (tensorCount, valueCount uint64, err error) {
	start := r.bytes(uint64(len(magic)), "magic number")
	if r.err != nil {
		return 0, 0, r.err
	}

	if string(start) != magic {
		return 0, 0, fmt.Errorf("%w: it begins with %q, a GGUF file with %q", ErrFormat, start, magic)
	}

	version := r.uint32("version")
	tensorCount = r.uint64("tensor count")
	valueCount = r.uint64("metadata count")

	if r.err != nil {
		return 0, 0, r.err
	}

	if version != 0 && version&0xffff == 0 {
		return 0, 0, fmt.Errorf("%w: big-endian file; convert it with gguf-convert-endian", ErrUnsupported)
	}

	if version < oldestVersion || version > newestVersion {
		return 0, 0, fmt.Errorf("%w: version %d, versions %d to %d are read",
			ErrUnsupported, version, oldestVersion, newestVersion)
	}

	f.version = int(version)

	return tensorCount, valueCount, nil
}

func (f *File) alignment() (uint64, error) {
	value, ok := f.values[alignmentKey]
	if !ok {
		return defaultAlignment, nil
	}

	alignment, err := value.Uint()
	if err != nil {
		return 0, fmt.Errorf("%w: %s: %w", ErrFormat, alignmentKey, err)
	}

	if alignment == 0 || alignment&(alignment-1) != 0 || alignment > math.MaxUint32 {
		return 0, fmt.Errorf("%w: %s is %d, not a power of two", ErrFormat, alignmentKey, alignment)
	}

	return alignment, nil
}
