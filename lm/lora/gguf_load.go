package lora

import (
	"errors"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/gguf/mapped"
)

// LoadGGUF reads an adapter in llama.cpp's format for a base of the given dimensions
// and family. Ranks may differ from matrix to matrix; elements are of any type that
// package gguf decodes. Errors are those of Load; Metadata is complete for a file that
// SaveGGUF wrote and holds the digest of the file for any.
func LoadGGUF(path string, dims Dims, family Family, want Expect) (*Adapter, Metadata, error) {
	a, meta, err := loadGGUF(path, dims, family, want)
	if err != nil {
		return nil, Metadata{}, fmt.Errorf("load adapter %s: %w", path, err)
	}
	return a, meta, nil
}

func loadGGUF(path string, dims Dims, family Family, want Expect) (a *Adapter, meta Metadata, err error) {
	if err := dims.Validate(); err != nil {
		return nil, Metadata{}, err
	}
	file, err := mapped.Open(path)
	if err != nil {
		return nil, Metadata{}, fmt.Errorf("lora: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	content := file.Bytes()
	digest := make(chan string, 1)
	go func() { digest <- digestOf(content) }()
	a, meta, failed := decodeGGUF(content, dims, family)
	meta.AdapterSHA256 = <-digest
	if err := want.check(meta, path, ""); err != nil {
		return nil, Metadata{}, err
	}
	if failed != nil {
		return nil, Metadata{}, failed
	}
	return a, meta, nil
}

func decodeGGUF(content []byte, dims Dims, family Family) (*Adapter, Metadata, error) {
	f, err := gguf.Parse(content)
	if err != nil {
		return nil, Metadata{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	h, err := readHeader(f, family)
	if err != nil {
		return nil, Metadata{}, err
	}
	a, err := assembleGGUF(f.Tensors(), h, dims)
	if err != nil {
		return nil, Metadata{}, err
	}
	for p := range a.Params() {
		if p.Matrix != MatrixB {
			continue
		}
		order, err := family.order(p.Module, p.Rows)
		if err != nil {
			return nil, Metadata{}, err
		}
		gather(p.Data, p.Cols, order)
	}
	return a, h.meta, nil
}

// assembleGGUF checks each tensor's place and shape and fills an adapter with them.
func assembleGGUF(tensors []gguf.Tensor, h header, dims Dims) (*Adapter, error) {
	matrices := make([]matrix, len(tensors))
	for i, tensor := range tensors {
		matrices[i] = matrix{tensor.Name, tensor.Shape, tensor.Dequantize}
	}
	a, params, err := placed(matrices, parseGGUFName, dims)
	if err != nil {
		return nil, err
	}
	for i, p := range params {
		if p.Matrix == MatrixB { // whose inner size llama.cpp takes for the rank
			pair := a.Layers[p.Layer][p.Module]
			pair.Rank = tensors[i].Cols()
			pair.Scale = h.scale(pair.Rank)
		}
	}
	if err := a.fill(matrices, params); err != nil {
		return nil, err
	}
	return a, a.finishGGUF()
}

// finishGGUF checks that no half of a pair is missing and describes what was read.
func (a *Adapter) finishGGUF() error {
	places, pairs := a.pairs()
	if len(pairs) == 0 {
		return fmt.Errorf("%w: it holds no matrices", ErrInvalid)
	}
	for i, p := range pairs {
		for m, data := range [][]float32{MatrixA: p.A, MatrixB: p.B} {
			if data == nil {
				return fmt.Errorf("%w: tensor %q is missing", ErrInvalid, Param{Layer: places[i].layer, Module: places[i].module, Matrix: Matrix(m)}.ggufName())
			}
		}
	}
	var err error
	a.Config, err = described(a)
	return err
}

// gather moves rows so that row i is what row order[i] was; nil moves none.
func gather(data []float32, cols int, order []int) {
	if order == nil {
		return
	}
	old := slices.Clone(data)
	for i, from := range order {
		copy(data[i*cols:(i+1)*cols], old[from*cols:])
	}
}
