package lora

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/lm/safetensors"
)

// Expect is what the caller knows of the adapter that it loads; an empty field is
// not checked.
type Expect struct {
	SHA256     string // of the weights file, in hex
	BaseSHA256 string // of the base model's file, in hex
}

// Load reads an adapter folder in PEFT's layout for a base of the given
// dimensions. Adapters are F32, F16 or BF16; rsLoRA is folded into Alpha; what we
// cannot follow (DoRA, per-layer ranks, adapted embeddings) is refused with
// ErrInvalid. An adapter for another base gives ErrMismatch and says which
// tensor, other bytes than promised give ErrDigest.
func Load(dir string, dims Dims, want Expect) (*Adapter, Metadata, error) {
	a, meta, err := load(dir, dims, want)
	if err != nil {
		return nil, Metadata{}, fmt.Errorf("load adapter %s: %w", dir, err)
	}
	return a, meta, nil
}

func load(dir string, dims Dims, want Expect) (a *Adapter, meta Metadata, err error) {
	if err := dims.Validate(); err != nil {
		return nil, Metadata{}, err
	}
	if meta, err = readMetadata(dir); err != nil {
		return nil, Metadata{}, err
	}
	digest, err := Digest(dir)
	if err != nil {
		return nil, Metadata{}, err
	}
	for _, promised := range []string{want.SHA256, meta.AdapterSHA256} {
		if promised != "" && !strings.EqualFold(promised, digest) {
			return nil, Metadata{}, fmt.Errorf("%w: %s has sha256 %s, promised was %s; fetch it again", ErrDigest, WeightsFile, digest, promised)
		}
	}
	meta.AdapterSHA256 = digest
	if want.BaseSHA256 != "" && meta.BaseSHA256 != "" && !strings.EqualFold(want.BaseSHA256, meta.BaseSHA256) {
		return nil, Metadata{}, fmt.Errorf("%w: it was trained on %q with sha256 %s, the base at hand has %s", ErrMismatch, meta.BaseModel, meta.BaseSHA256, want.BaseSHA256)
	}
	raw, err := readSmall(filepath.Join(dir, ConfigFile))
	if err != nil {
		return nil, Metadata{}, err
	}
	cfg, baseModel, err := decodeConfig(raw)
	if err != nil {
		return nil, Metadata{}, err
	}
	if meta.BaseModel == "" {
		meta.BaseModel = baseModel
	}
	f, err := safetensors.Open(filepath.Join(dir, WeightsFile))
	if err != nil {
		return nil, Metadata{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if d, ok := f.Metadata()[configDigestKey]; ok && d != digestOf(raw) {
		return nil, Metadata{}, fmt.Errorf("%w: %s was changed after the adapter was saved", ErrDigest, ConfigFile)
	}
	a, err = assemble(f.Tensors(), cfg, dims)
	if err != nil {
		return nil, Metadata{}, err
	}
	return a, meta, nil
}

// assemble checks each tensor's place and shape and fills an adapter with them.
func assemble(tensors []safetensors.Tensor, cfg Config, dims Dims) (*Adapter, error) {
	a := &Adapter{Config: cfg, Layers: make([]Layer, dims.Layers)}
	var found [Modules]bool
	for _, t := range tensors {
		p, err := parseTensorName(t.Name)
		if err != nil {
			return nil, err
		}
		if p.Layer >= dims.Layers {
			return nil, fmt.Errorf("%w: tensor %q is for layer %d, the base has %d layers", ErrMismatch, t.Name, p.Layer, dims.Layers)
		}
		s := dims.Shapes[p.Module]
		shape := []int{cfg.Rank, s.In}
		if p.Matrix == MatrixB {
			shape = []int{s.Out, cfg.Rank}
		}
		if !slices.Equal(t.Shape, shape) {
			return nil, fmt.Errorf("%w: tensor %q is %v, rank %d on the base's [%d, %d] layer needs %v", ErrMismatch, t.Name, t.Shape, cfg.Rank, s.Out, s.In, shape)
		}
		if p.Data, err = t.Float32s(); err != nil {
			return nil, fmt.Errorf("%w: tensor %q: %w", ErrInvalid, t.Name, err)
		}
		if err := finite(p); err != nil {
			return nil, err
		}
		found[p.Module] = true
		pair := &a.Layers[p.Layer][p.Module]
		if *pair == nil {
			*pair = &Pair{In: s.In, Out: s.Out, Rank: cfg.Rank}
		}
		if p.Matrix == MatrixA {
			(*pair).A = p.Data
		} else {
			(*pair).B = p.Data
		}
	}
	if len(tensors) == 0 {
		return nil, fmt.Errorf("%w: %s holds no tensors", ErrInvalid, WeightsFile)
	}
	for p := range a.Params() {
		if p.Data == nil {
			return nil, fmt.Errorf("%w: tensor %q is missing", ErrInvalid, p.tensorName())
		}
	}
	a.Config.Targets = nil
	for m, ok := range found {
		if ok {
			a.Config.Targets = append(a.Config.Targets, Module(m))
		}
	}
	return a, nil
}

// finite returns an error when an element is infinite or not a number.
func finite(p Param) error {
	for i, x := range p.Data {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("%w: element %d of %v is %v", ErrInvalid, i, p, x)
		}
	}
	return nil
}
