package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

const (
	resultFile    = "result.json"
	tokenizerFile = "tokenizer_config.json" //nolint:gosec // no credential
)

// metadata is what lies beside an adapter in metadata.json: the engine's fields, and
// all that is known of the training.
type metadata struct {
	lora.Metadata

	Version       string          `json:"version"`
	Parent        string          `json:"parent,omitempty"`
	JobID         string          `json:"job_id"`
	DatasetSHA256 string          `json:"dataset_sha256"`
	Sessions      []string        `json:"sessions"`
	Examples      int             `json:"examples"` // of SFT
	Pairs         int             `json:"pairs,omitempty"`
	Judged        int             `json:"judged,omitempty"`
	HeldOut       int             `json:"held_out"`
	Dropped       int             `json:"dropped,omitempty"`
	Recipe        trainer.Recipe  `json:"recipe"`
	Training      trainer.Trained `json:"training"`
	Device        string          `json:"device"`
	Watts         float64         `json:"watts"`
	PricePerKWh   float64         `json:"price_per_kwh"`
	Currency      string          `json:"currency"`
}

// save writes the adapter's folder, and then the result: where that stands, all
// else does.
func (r *run) save(f fitted, report gate.Report, t *trainer.Trained) error {
	folder := filepath.Join(r.Folder, trainer.AdapterFolder)
	if err := os.RemoveAll(folder); err != nil { // of a process that was killed right here
		return fmt.Errorf("save the adapter: %w", err)
	}
	meta, err := r.engine.SaveAdapter(folder, f.adapter, safetensors.BF16, lora.Metadata{CreatedBy: r.CreatedBy, CreatedAt: time.Now().UTC()})
	if err != nil {
		return err
	}
	t.BaseModel, t.BaseSHA256, t.SHA256 = meta.BaseModel, meta.BaseSHA256, meta.AdapterSHA256
	err = writeJSON(filepath.Join(folder, lora.MetadataFile), metadata{
		Metadata: meta, Version: r.Version, Parent: r.Parent, JobID: r.JobID,
		DatasetSHA256: r.DatasetSHA256, Sessions: r.Sessions,
		Examples: len(f.set.Train), Pairs: len(f.set.Pairs), Judged: len(f.set.Rated), HeldOut: len(f.set.HeldOut), Dropped: f.set.dropped,
		Recipe: f.recipe, Training: *t, Device: r.engine.Info().Device,
		Watts: r.Power.Watts, PricePerKWh: r.Power.PricePerKWh, Currency: r.Power.Currency,
	})
	if err != nil {
		return err
	}
	config, err := r.engine.TokenizerConfig()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, tokenizerFile), config, 0o600); err != nil {
		return fmt.Errorf("save the adapter: %w", err)
	}
	if err := writeReport(folder, report); err != nil {
		return err
	}
	return writeJSON(filepath.Join(r.Folder, resultFile), t)
}

// readResult returns what an earlier process came to, nil if none did.
func readResult(folder string) (*trainer.Trained, error) {
	return readJSON[trainer.Trained](filepath.Join(folder, resultFile))
}

// readJSON returns what a file holds, nil if it is not there.
func readJSON[T any](path string) (*T, error) {
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is none, which is no error
	}
	var v T
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s of the training: %w", filepath.Base(path), err)
	}
	return &v, nil
}

// writeJSON writes a file whole or not at all.
func writeJSON(path string, v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	part := path + ".part"
	if err := os.WriteFile(part, append(body, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
