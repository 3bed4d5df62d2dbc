// Package hf reads model folders as Hugging Face's libraries write them: config.json, and the weights in
// model.safetensors or in several such files with an index, model.safetensors.index.json.
//
// A folder comes from elsewhere and is not trusted: an index names files of its own folder only, and every
// tensor that it promises is looked up before Open returns.
package hf

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/grokputer/grokputer/lm/gguf/mapped"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// ErrFormat is returned when config.json or the index cannot be read, or when the index promises what the
// files do not have. For a damaged file of weights the errors of package safetensors are returned, and for
// one that is not there os.ErrNotExist.
var ErrFormat = errors.New("hf: malformed folder")

const (
	configName  = "config.json"
	weightsName = "model.safetensors"
	indexName   = "model.safetensors.index.json"

	// The largest of the JSON files, an index of a model with 10,000 tensors, has about 1 MB.
	maxJSONBytes = 16 << 20
)

// Folder is an open model folder. Its methods may be called from several goroutines at once; Close only
// when no tensor's Data is used any more.
type Folder struct {
	config  Config
	files   map[string]*safetensors.File // by name
	indexed bool
	tensors []safetensors.Tensor
}

// Open reads the configuration and maps the files of weights; tensor data is not read.
func Open(dir string) (*Folder, error) {
	f := &Folder{files: map[string]*safetensors.File{}}

	if err := f.open(dir); err != nil {
		_ = f.Close() // the first error is the one to report

		return nil, fmt.Errorf("%s: %w", dir, err)
	}

	return f, nil
}

func (f *Folder) open(dir string) error {
	content, err := readJSON(filepath.Join(dir, configName))
	if err != nil {
		return err
	}

	if f.config, err = ParseConfig(content); err != nil {
		return err
	}

	content, err = readJSON(filepath.Join(dir, indexName))
	if errors.Is(err, os.ErrNotExist) {
		return f.openWhole(dir)
	}

	if err != nil {
		return err
	}

	places, err := ParseIndex(content)
	if err != nil {
		return err
	}

	f.indexed = true

	return f.openParts(dir, places)
}

// openWhole takes the weights from one file.
func (f *Folder) openWhole(dir string) error {
	file, err := safetensors.Open(filepath.Join(dir, weightsName))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("hf: neither %s nor %s; weights in another format can be saved anew with "+
			"save_pretrained(safe_serialization=True): %w", weightsName, indexName, err)
	}

	if err != nil {
		return fmt.Errorf("hf: %w", err)
	}

	f.files[weightsName] = file
	f.tensors = file.Tensors()

	return nil
}

// openParts takes each tensor from the file that the index says.
func (f *Folder) openParts(dir string, places map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(places)) {
		part := places[name]

		file, ok := f.files[part]
		if !ok {
			var err error
			if file, err = safetensors.Open(filepath.Join(dir, part)); err != nil {
				return fmt.Errorf("hf: the index names %q: %w", part, err)
			}

			f.files[part] = file
		}

		tensor, ok := file.Tensor(name)
		if !ok {
			return fmt.Errorf("%w: tensor %q is not in %s as the index says", ErrFormat, name, part)
		}

		f.tensors = append(f.tensors, tensor)
	}

	return nil
}

// Config returns what config.json says.
func (f *Folder) Config() Config { return f.config }

// Tensors returns all tensors of the model.
func (f *Folder) Tensors() []safetensors.Tensor { return slices.Clone(f.tensors) }

// Files returns the names of the files that decide what the model computes, sorted.
func (f *Folder) Files() []string {
	names := append(slices.Collect(maps.Keys(f.files)), configName)
	if f.indexed {
		names = append(names, indexName)
	}

	slices.Sort(names)

	return names
}

// Close unmaps the files; the tensors' Data must not be touched any more.
func (f *Folder) Close() error {
	var failures []error
	for _, file := range f.files {
		failures = append(failures, file.Close())
	}

	return errors.Join(failures...)
}

// readJSON returns the content of a small file.
func readJSON(path string) ([]byte, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("hf: %w", err)
	}
	defer func() { _ = file.Close() }() // read only

	if n := len(file.Bytes()); n > maxJSONBytes {
		return nil, fmt.Errorf("%w: %s has %d bytes, at most %d are read", ErrFormat, filepath.Base(path), n, maxJSONBytes)
	}

	return slices.Clone(file.Bytes()), nil
}
