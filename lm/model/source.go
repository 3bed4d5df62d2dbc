package model

import (
	"fmt"
	"os"
	"slices"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/hf"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// source is where a model comes from: a file or folder, and what it says about the model.
type source struct {
	tensors
	family   family
	naming   *naming
	permuted bool // the rows of query and key weights
	tied     bool // the output head is the embedding
	config   Config
}

// tensors are named tensors that stay readable until Close.
type tensors interface {
	Tensor(name string) (gguf.Tensor, bool)
	Tensors() []gguf.Tensor
	Close() error
}

// openSource opens a GGUF file or a folder.
func openSource(path string) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}

	if info.IsDir() {
		return openFolder(path)
	}

	file, err := gguf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}

	s, err := readFile(file)
	if err != nil {
		_ = file.Close() // the first error is the one to report

		return nil, fmt.Errorf("%s: %w", path, err)
	}

	return s, nil
}

func openFolder(path string) (*source, error) {
	opened, err := hf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}

	f := &folder{Folder: opened, index: map[string]int{}}

	s, err := readFolder(f)
	if err != nil {
		_ = f.Close() // the first error is the one to report

		return nil, fmt.Errorf("%s: %w", path, err)
	}

	return s, nil
}

// folder shows the tensors of a Hugging Face folder as GGUF tensors, in place: both keep rows of plain
// little-endian numbers.
type folder struct {
	*hf.Folder
	list  []gguf.Tensor
	index map[string]int
}

func (f *folder) Tensors() []gguf.Tensor { return slices.Clone(f.list) }

func (f *folder) Tensor(name string) (gguf.Tensor, bool) {
	i, ok := f.index[name]
	if !ok {
		return gguf.Tensor{}, false
	}

	return f.list[i], true
}

// convert takes over the folder's tensors, but for those that are not needed.
func (f *folder) convert(needed func(name string) bool) error {
	for _, t := range f.Folder.Tensors() {
		if !needed(t.Name) {
			continue
		}

		var kind gguf.Type

		switch t.DType {
		case safetensors.F32:
			kind = gguf.F32
		case safetensors.F16:
			kind = gguf.F16
		case safetensors.BF16:
			kind = gguf.BF16
		default:
			return fmt.Errorf("%w: tensor %q of type %s; F32, F16 and BF16 are known", ErrUnsupported, t.Name, t.DType)
		}

		f.index[t.Name] = len(f.list)
		f.list = append(f.list, gguf.Tensor{Name: t.Name, Type: kind, Shape: t.Shape, Data: t.Data})
	}

	return nil
}
