package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// Files of an adapter's folder that the registry reads.
const (
	metadataFile = "metadata.json"
	weightsFile  = "adapter_model.safetensors"
)

// starterMetadata is what the registry reads of metadata.json.
type starterMetadata struct {
	BaseModel  string `json:"base_model"`
	BaseSHA256 string `json:"base_model_sha256"`
}

// publishStarter puts the adapter that comes with the program into S3 and on record. One
// that came with an earlier program stays; the new one gets a name of its own.
func (s *service) publishStarter(ctx context.Context) error {
	if s.options.Starter == "" {
		return nil
	}
	weights, err := os.ReadFile(filepath.Join(s.options.Starter, weightsFile))
	if err != nil {
		return fmt.Errorf("read its weights: %w", err)
	}
	sum := sha256.Sum256(weights)
	digest := hex.EncodeToString(sum[:])
	version := contracts.VersionStarter
	known, err := s.starter(ctx, version)
	if err == nil && known.SHA256 != digest {
		version += "-" + digest[:8]
		known, err = s.starter(ctx, version)
	}
	if !errors.Is(err, ErrUnknown) && (err != nil || known.SHA256 == digest) {
		return err
	}
	event, err := s.storeStarter(ctx, version, digest)
	if err != nil {
		return err
	}
	err = s.bus.Publish(ctx, contracts.SubjectAdapter(contracts.AdapterVerbPublished, contracts.RolePlanner, version), event,
		bus.WithID(fmt.Sprintf("%s.%s", version, digest)))
	if err != nil {
		return err
	}
	if err := s.options.Hook.at(AfterStarter, version); err != nil {
		return err
	}
	// The event comes to published as well. Doing it here has the first task find it.
	return s.take(ctx, event)
}

// starter returns a starter, ErrUnknown if there is none of that name. One that a crash kept from
// the record is put there: its event is stored, and comes only once.
func (s *service) starter(ctx context.Context, version string) (contracts.Adapter, error) {
	a, _, err := s.versions.get(ctx, contracts.RolePlanner, version)
	if !errors.Is(err, ErrUnknown) {
		return a, err
	}
	stored, lookErr := s.last(ctx, contracts.SubjectAdapter(contracts.AdapterVerbPublished, contracts.RolePlanner, version))
	if lookErr != nil {
		return a, lookErr
	}
	if stored == nil {
		return a, err
	}
	var event contracts.AdapterPublished
	if err := json.Unmarshal(stored.Data, &event); err != nil {
		return a, fmt.Errorf("read the event of %s: %w", version, err)
	}
	if err := s.take(ctx, event); err != nil {
		return a, err
	}
	a, _, err = s.versions.get(ctx, contracts.RolePlanner, version)
	return a, err
}

// storeStarter uploads the folder's files.
func (s *service) storeStarter(ctx context.Context, version, digest string) (contracts.AdapterPublished, error) {
	event := contracts.AdapterPublished{
		Role: contracts.RolePlanner, Version: version, SHA256: digest, Files: []contracts.AdapterFile{}, Time: time.Now().UTC(),
	}
	entries, err := os.ReadDir(s.options.Starter)
	if err != nil {
		return event, fmt.Errorf("read its folder: %w", err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		body, err := os.ReadFile(filepath.Join(s.options.Starter, e.Name()))
		if err != nil {
			return event, fmt.Errorf("read %s: %w", e.Name(), err)
		}
		if e.Name() == metadataFile {
			var meta starterMetadata
			if err := json.Unmarshal(body, &meta); err != nil {
				return event, fmt.Errorf("read %s: %w", e.Name(), err)
			}
			event.BaseModel, event.BaseSHA256 = meta.BaseModel, meta.BaseSHA256
		}
		stored, err := s.blobs.Put(ctx, contracts.AdapterKey(contracts.RolePlanner, version, e.Name()), body, "application/octet-stream")
		if err != nil {
			return event, err
		}
		event.Files = append(event.Files, contracts.AdapterFile{Name: e.Name(), Blob: stored})
	}
	return event, nil
}
