package lora

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/gguf/half"
	"github.com/grokputer/grokputer/lm/gguf/mapped"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// SaveGGUF writes an adapter as a file that llama.cpp loads beside a base of that
// family. The options' DType is safetensors.F32 (also when empty) or safetensors.F16;
// what F16 cannot hold is refused. The file appears whole or not at all; a path that
// is taken is refused with ErrExists. Equal adapters make equal files. It returns the
// metadata with the file's digest.
//
// llama.cpp has one alpha for all pairs and scales each by alpha/rank. Where rsLoRA or
// patterns give a pair another scale, the rest is multiplied into its B.
func SaveGGUF(path string, a *Adapter, family Family, opts SaveOptions) (Metadata, error) {
	if _, err := os.Lstat(path); err == nil {
		return Metadata{}, fmt.Errorf("%w: %s; choose a new name", ErrExists, path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Metadata{}, fmt.Errorf("lora: save: %w", err)
	}
	meta := opts.Metadata
	meta.AdapterSHA256 = ""
	w, err := encodeGGUF(a, family, opts.DType, meta)
	if err != nil {
		return Metadata{}, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return Metadata{}, fmt.Errorf("lora: save: %w", err)
	}
	if err := w.WriteFile(path); err != nil {
		return Metadata{}, fmt.Errorf("lora: save: %w", err)
	}
	file, err := mapped.Open(path)
	if err != nil {
		return Metadata{}, fmt.Errorf("lora: save: %w", err)
	}
	meta.AdapterSHA256 = digestOf(file.Bytes())
	return meta, file.Close()
}

func encodeGGUF(a *Adapter, family Family, dtype safetensors.DType, meta Metadata) (*gguf.Writer, error) {
	typ := gguf.F32
	switch dtype {
	case safetensors.F32, "":
	case safetensors.F16:
		typ = gguf.F16
	default:
		return nil, fmt.Errorf("%w: dtype is %q, want F32 or F16", ErrInvalid, dtype)
	}
	facts, err := json.Marshal(meta)
	if err != nil {
		return nil, fmt.Errorf("lora: encode metadata: %w", err)
	}
	h := header{alpha: commonAlpha(a)}
	w := &gguf.Writer{}
	for _, kv := range []struct {
		key   string
		value any
	}{
		{architectureKey, family.Architecture},
		{typeKey, "adapter"},
		{fileTypeKey, uint32(typ)}, // LLAMA_FTYPE_ALL_F32 is 0, MOSTLY_F16 is 1
		{adapterTypeKey, "lora"},
		{alphaKey, h.alpha},
		{metadataKey, string(facts)},
	} {
		if err := w.Set(kv.key, kv.value); err != nil {
			return nil, fmt.Errorf("lora: %w", err)
		}
	}
	empty := true
	for p := range a.Params() {
		empty = false
		if err := p.addTo(w, typ, h, family, a.At(p.Layer, p.Module).Scale); err != nil {
			return nil, err
		}
	}
	if empty {
		return nil, fmt.Errorf("%w: it has no matrices", ErrInvalid)
	}
	return w, nil
}

// commonAlpha returns the alpha from which most pairs' scales follow, 0 if there is
// none that could be one.
func commonAlpha(a *Adapter) float32 {
	_, pairs := a.pairs()
	var alphas []float64
	for _, p := range pairs {
		alpha := float32(float64(p.Scale) * float64(p.Rank))
		if alpha > 0 && isFinite(alpha) && alpha/float32(p.Rank) == p.Scale {
			alphas = append(alphas, float64(alpha))
		}
	}
	if len(alphas) == 0 {
		return 0
	}
	return float32(commonest(alphas))
}

// addTo adds a matrix to a file.
func (p Param) addTo(w *gguf.Writer, typ gguf.Type, h header, family Family, scale float32) error {
	if len(p.Data) != p.Rows*p.Cols || p.Rows < 1 || p.Cols < 1 {
		return fmt.Errorf("%w: %v has %d elements, its shape is [%d, %d]", ErrInvalid, p, len(p.Data), p.Rows, p.Cols)
	}
	factor := float32(1)
	var order []int
	if p.Matrix == MatrixB {
		if there := h.scale(p.Cols); there != scale {
			factor = scale / there
		}
		var err error
		if order, err = family.order(p.Module, p.Rows); err != nil {
			return err
		}
	} else if _, err := family.permuted(); err != nil {
		return err
	}
	size := typ.BlockBytes()
	data := make([]byte, size*len(p.Data))
	for i, x := range p.Data {
		to := i
		if order != nil {
			to = order[i/p.Cols]*p.Cols + i%p.Cols
		}
		x *= factor
		stored := x
		if typ == gguf.F16 {
			bits := half.ToFloat16(x)
			binary.LittleEndian.PutUint16(data[size*to:], bits)
			stored = half.Float16(bits)
		} else {
			binary.LittleEndian.PutUint32(data[size*to:], math.Float32bits(x))
		}
		if !isFinite(stored) {
			return fmt.Errorf("%w: element %d of %v is %v and would be stored as %v", ErrInvalid, i, p, x, stored)
		}
	}
	if err := w.Add(gguf.Tensor{Name: p.ggufName(), Type: typ, Shape: []int{p.Rows, p.Cols}, Data: data}); err != nil {
		return fmt.Errorf("lora: %w", err)
	}
	return nil
}
