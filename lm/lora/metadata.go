package lora

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Metadata is what is known of an adapter beyond PEFT's configuration. It lies
// beside it in metadata.json; an adapter made elsewhere has none.
type Metadata struct {
	// BaseModel is the base's name, as in PEFT's base_model_name_or_path.
	BaseModel string `json:"base_model"`
	// BaseSHA256 is the digest of the base model's file, in hex.
	BaseSHA256 string `json:"base_model_sha256,omitempty"`
	// AdapterSHA256 is the digest of adapter_model.safetensors, in hex. The file in
	// turn holds the digest of adapter_config.json, so it stands for both.
	AdapterSHA256 string `json:"adapter_sha256"`
	// CreatedBy names the program, CreatedAt the time; both may be empty.
	CreatedBy string    `json:"created_by,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Notes are further facts, such as the number of training steps.
	Notes map[string]string `json:"notes,omitempty"`
}

// readMetadata returns the zero value when there is no metadata.json.
func readMetadata(dir string) (Metadata, error) {
	b, err := readSmall(filepath.Join(dir, MetadataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Metadata{}, nil
	}
	if err != nil {
		return Metadata{}, err
	}
	var m Metadata
	if err := json.Unmarshal(b, &m); err != nil {
		return Metadata{}, fmt.Errorf("%w: %s: %w", ErrInvalid, MetadataFile, err)
	}
	return m, nil
}

// maxSmallFile bounds the two JSON files.
const maxSmallFile = 1 << 20

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("lora: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	b, err := io.ReadAll(io.LimitReader(f, maxSmallFile+1))
	if err != nil {
		return nil, fmt.Errorf("lora: read %s: %w", path, err)
	}
	if len(b) > maxSmallFile {
		return nil, fmt.Errorf("%w: %s is larger than %d bytes", ErrInvalid, path, maxSmallFile)
	}
	return b, nil
}

// Digest returns the sha256, in hex, of the weights file in an adapter folder.
func Digest(dir string) (string, error) {
	f, err := os.Open(filepath.Join(dir, WeightsFile))
	if err != nil {
		return "", fmt.Errorf("lora: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("lora: read %s: %w", f.Name(), err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
