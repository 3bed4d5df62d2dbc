package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/lm"
	lmlora "github.com/grokputer/grokputer/lm/lora"
)

// notedExamples is the note of a merged adapter on how many examples its parts were trained on.
const notedExamples = "examples"

// read loads the adapters with their weights, in the order in which they are named.
func (cmd *adaptersMergeCmd) read(ctx context.Context, c *call, engine *lm.Engine) (_ []mergedPart, err error) {
	folder, err := os.MkdirTemp("", "grokputer-merge-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	var parts []mergedPart
	named := map[string]string{}
	for i, name := range cmd.Parts {
		at, err := fetchPart(ctx, c, name, filepath.Join(folder, strconv.Itoa(i)))
		if err != nil {
			return nil, err
		}
		p, err := readPart(engine, name, at)
		if err != nil {
			return nil, err
		}
		if before, again := named[p.SHA256]; again {
			return nil, fmt.Errorf("%s and %s are the same adapter: name each once, and say with --weights how much it counts", before, name)
		}
		named[p.SHA256] = name
		switch {
		case len(cmd.Weights) > 0:
			p.Weight = cmd.Weights[i]
		case p.Examples > 0:
			p.Weight = float64(p.Examples)
		default:
			return nil, fmt.Errorf("%s does not say how many examples it was trained on: say how much each counts with --weights", name)
		}
		if !(p.Weight > 0) {
			return nil, fmt.Errorf("weights: %s has %g, want more than 0", name, p.Weight)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// fetchPart returns the folder that a part names, or into which its version was fetched.
func fetchPart(ctx context.Context, c *call, name, into string) (folder string, err error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return name, nil
	}
	a, err := withBus(ctx, c, func(b *bus.Bus) (contracts.Adapter, error) { return getAdapter(ctx, b, ofRole{}, name) })
	if err != nil {
		return "", fmt.Errorf("%s is no folder, and as a version: %w", name, err)
	}
	if err := checkFiles(a); err != nil {
		return "", fmt.Errorf("fetch %s: %w", name, err)
	}
	store, err := c.blobs(ctx)
	if err != nil {
		return "", err
	}
	if err := errors.Join(download(ctx, store.Store, a, into), store.close(ctx)); err != nil {
		return "", fmt.Errorf("fetch %s: %w", name, err)
	}
	return into, nil
}

// readPart loads an adapter and checks that it is for this base model: one that does not say
// so might fit by its shapes alone.
func readPart(engine *lm.Engine, name, folder string) (mergedPart, error) {
	a, meta, err := lmlora.Load(folder, engine.Dims(), lmlora.Expect{BaseSHA256: engine.Info().SHA256})
	if err != nil {
		return mergedPart{}, fmt.Errorf("merge %s: %w", name, err)
	}
	if meta.BaseSHA256 == "" {
		return mergedPart{}, fmt.Errorf("merge %s: it does not say which base model it is for (%s, base_model_sha256)", name, lmlora.MetadataFile)
	}
	n, err := examplesOf(folder, meta)
	if err != nil {
		return mergedPart{}, fmt.Errorf("merge %s: %w", name, err)
	}
	return mergedPart{Name: name, SHA256: meta.AdapterSHA256, Examples: n, adapter: a}, nil
}

// examplesOf is how many examples an adapter was trained on, 0 when it does not say.
func examplesOf(folder string, meta lmlora.Metadata) (int, error) {
	body, err := os.ReadFile(filepath.Join(folder, lmlora.MetadataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	var trained struct { // as the trainer writes it
		Examples int `json:"examples"`
		Pairs    int `json:"pairs"`
		Judged   int `json:"judged"`
	}
	if err == nil {
		err = json.Unmarshal(body, &trained)
	}
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", lmlora.MetadataFile, err)
	}
	if n := trained.Examples + trained.Pairs + trained.Judged; n > 0 {
		return n, nil
	}
	n, _ := strconv.Atoi(meta.Notes[notedExamples]) // of a merged one
	return n, nil
}
