package lora

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/lm/gguf/wholefile"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// configDigestKey is where the weights file's header holds the digest of
// adapter_config.json, so that alpha cannot be changed behind the weights' digest.
const configDigestKey = "adapter_config_sha256"

// SaveOptions are the settings of Save.
type SaveOptions struct {
	// DType is how elements are stored: safetensors.F32 (also when empty, exact) or
	// safetensors.BF16 (half the size, rounded to 8 bits of precision).
	DType safetensors.DType
	// Metadata is written beside; AdapterSHA256 is filled in.
	Metadata Metadata
}

// Save writes an adapter as a folder that PEFT can load: adapter_config.json,
// adapter_model.safetensors, and our metadata.json. The folder appears whole or
// not at all; one that already holds something is refused with ErrExists. Equal
// adapters make equal files. It returns the metadata with the digest.
func Save(dir string, a *Adapter, opts SaveOptions) (Metadata, error) {
	if err := a.Config.Validate(); err != nil {
		return Metadata{}, err
	}
	if old, err := os.ReadDir(dir); err == nil && len(old) > 0 {
		return Metadata{}, fmt.Errorf("%w: %s; choose a new folder", ErrExists, dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Metadata{}, fmt.Errorf("lora: save: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return Metadata{}, fmt.Errorf("lora: save: %w", err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*")
	if err != nil {
		return Metadata{}, fmt.Errorf("lora: save: %w", err)
	}
	meta, err := write(temp, a, opts)
	if err == nil {
		err = os.Rename(temp, dir)
	}
	if err == nil {
		err = wholefile.Sync(filepath.Dir(dir))
	}
	if err != nil {
		return Metadata{}, errors.Join(fmt.Errorf("lora: save %s: %w", dir, err), os.RemoveAll(temp))
	}
	return meta, nil
}

// write fills an empty folder.
func write(dir string, a *Adapter, opts SaveOptions) (Metadata, error) {
	meta := opts.Metadata
	config, err := encodeConfig(a, meta.BaseModel)
	if err != nil {
		return Metadata{}, err
	}
	tensors, err := tensorsOf(a, opts.DType)
	if err != nil {
		return Metadata{}, err
	}
	header := map[string]string{"format": "pt", configDigestKey: digestOf(config)}
	if err := safetensors.Write(filepath.Join(dir, WeightsFile), tensors, header); err != nil {
		return Metadata{}, fmt.Errorf("weights: %w", err)
	}
	if meta.AdapterSHA256, err = Digest(dir); err != nil {
		return Metadata{}, err
	}
	facts, err := json.MarshalIndent(meta, "", "  ")
	if err != nil {
		return Metadata{}, fmt.Errorf("encode %s: %w", MetadataFile, err)
	}
	for name, b := range map[string][]byte{ConfigFile: config, MetadataFile: append(facts, '\n')} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return Metadata{}, fmt.Errorf("write: %w", err)
		}
		if err := wholefile.Sync(path); err != nil {
			return Metadata{}, err
		}
	}
	return meta, wholefile.Sync(dir)
}

func tensorsOf(a *Adapter, dtype safetensors.DType) ([]safetensors.Tensor, error) {
	var tensor func(string, []int, []float32) safetensors.Tensor
	switch dtype {
	case safetensors.F32, "":
		tensor = safetensors.NewF32
	case safetensors.BF16:
		tensor = safetensors.NewBF16
	default:
		return nil, fmt.Errorf("%w: dtype is %q, want F32 or BF16", ErrInvalid, dtype)
	}
	var tensors []safetensors.Tensor
	for p := range a.Params() {
		if len(p.Data) != p.Rows*p.Cols {
			return nil, fmt.Errorf("%w: %v has %d elements, its shape [%d, %d] needs %d", ErrInvalid, p, len(p.Data), p.Rows, p.Cols, p.Rows*p.Cols)
		}
		if err := finite(p); err != nil {
			return nil, err
		}
		tensors = append(tensors, tensor(p.tensorName(), []int{p.Rows, p.Cols}, p.Data))
	}
	if len(tensors) == 0 {
		return nil, fmt.Errorf("%w: it has no matrices", ErrInvalid)
	}
	return tensors, nil
}
