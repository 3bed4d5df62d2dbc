package lora

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/lm/gguf/mapped"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// Expect is what the caller knows of the adapter that it loads; an empty field is
// not checked.
type Expect struct {
	SHA256     string // of the weights file, in hex
	BaseSHA256 string // of the base model's file, in hex
}

// Load reads an adapter folder in PEFT's layout for a base of the given
// dimensions. Adapters are F32, F16 or BF16, with rsLoRA and patterns of ranks and
// alphas; what we cannot follow (DoRA, adapted embeddings, trained biases) is refused
// with ErrInvalid and its name. An adapter for another base gives ErrMismatch and says
// which tensor, other bytes than promised give ErrDigest.
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
	config, err := readSmall(filepath.Join(dir, ConfigFile))
	if err != nil {
		return nil, Metadata{}, err
	}
	weights, err := mapped.Open(filepath.Join(dir, WeightsFile))
	if err != nil {
		return nil, Metadata{}, fmt.Errorf("lora: %w", err)
	}
	defer func() { err = errors.Join(err, weights.Close()) }()
	content := weights.Bytes()
	digest := make(chan string, 1) // takes as long as all the rest
	go func() { digest <- digestOf(content) }()
	a, baseModel, failed := decode(content, config, dims)
	promised := meta.AdapterSHA256
	meta.AdapterSHA256 = <-digest
	if err := want.check(meta, WeightsFile, promised); err != nil {
		return nil, Metadata{}, err
	}
	if failed != nil {
		return nil, Metadata{}, failed
	}
	if meta.BaseModel == "" {
		meta.BaseModel = baseModel
	}
	return a, meta, nil
}

// check compares what is known of an adapter with what was read.
func (want Expect) check(meta Metadata, file, promised string) error {
	for _, p := range []string{want.SHA256, promised} {
		if p != "" && !strings.EqualFold(p, meta.AdapterSHA256) {
			return fmt.Errorf("%w: %s has sha256 %s, promised was %s; fetch it again", ErrDigest, file, meta.AdapterSHA256, p)
		}
	}
	if want.BaseSHA256 != "" && meta.BaseSHA256 != "" && !strings.EqualFold(want.BaseSHA256, meta.BaseSHA256) {
		return fmt.Errorf("%w: it was trained on %q with sha256 %s, the base at hand has %s", ErrMismatch, meta.BaseModel, meta.BaseSHA256, want.BaseSHA256)
	}
	return nil
}

// decode reads the weights file and the configuration.
func decode(weights, config []byte, dims Dims) (a *Adapter, baseModel string, err error) {
	cfg, t, baseModel, err := decodeConfig(config)
	if err != nil {
		return nil, "", err
	}
	f, err := safetensors.Parse(weights)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %s: %w", ErrInvalid, WeightsFile, err)
	}
	if d, ok := f.Metadata()[configDigestKey]; ok && d != digestOf(config) {
		return nil, "", fmt.Errorf("%w: %s was changed after the adapter was saved", ErrDigest, ConfigFile)
	}
	if a, err = assemble(f.Tensors(), cfg, t, dims); err != nil {
		return nil, "", err
	}
	return a, baseModel, nil
}

// assemble checks each tensor's place and shape and fills an adapter with them.
func assemble(tensors []safetensors.Tensor, cfg Config, t targets, dims Dims) (*Adapter, error) {
	if len(tensors) == 0 {
		return nil, fmt.Errorf("%w: %s holds no tensors", ErrInvalid, WeightsFile)
	}
	matrices := make([]matrix, len(tensors))
	for i, tensor := range tensors {
		matrices[i] = matrix{tensor.Name, tensor.Shape, func(dst []float32) error {
			if err := tensor.Decode(dst); err != nil {
				return fmt.Errorf("tensor %q: %w", tensor.Name, err)
			}
			return nil
		}}
	}
	a, params, err := placed(matrices, parseTensorName, dims)
	if err != nil {
		return nil, err
	}
	a.Config = cfg
	if err := a.prepare(t); err != nil {
		return nil, err
	}
	if err := a.fill(matrices, params); err != nil {
		return nil, err
	}
	for p := range a.Params() {
		if p.Data == nil {
			return nil, fmt.Errorf("%w: tensor %q is missing", ErrInvalid, p.tensorName())
		}
	}
	return a, nil
}

// prepare gives each pair the rank and scale that the configuration has for it.
func (a *Adapter) prepare(t targets) error {
	places, pairs := a.pairs()
	covered, err := t.covers(places)
	if err != nil {
		return err
	}
	if i := slices.Index(covered, false); i >= 0 {
		return fmt.Errorf("%w: %s holds matrices for %v, which %s does not name in target_modules and layers_to_transform: PEFT would leave them out", ErrInvalid, WeightsFile, places[i], ConfigFile)
	}
	settings, err := a.Config.settings(places)
	if err != nil {
		return fmt.Errorf("%s: %w", ConfigFile, err)
	}
	for i, s := range settings {
		pairs[i].Rank, pairs[i].Scale = s.rank, s.scale(a.Config.RSLoRA)
		if !isFinite(pairs[i].Scale) {
			return fmt.Errorf("%w: %s: %v has alpha %g at rank %d", ErrInvalid, ConfigFile, places[i], s.alpha, s.rank)
		}
	}
	a.Config.Targets, a.Config.Layers = a.extent()
	return nil
}

// finite returns an error when an element is infinite or not a number.
func finite(p Param) error {
	for i, x := range p.Data {
		if x-x != 0 { // true of these only
			return fmt.Errorf("%w: element %d of %v is %v", ErrInvalid, i, p, x)
		}
	}
	return nil
}
