package trainer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/grokputer/grokputer/contracts"
)

// ReplayFile lies beside the starter adapter: a sample of its training steps,
// which later trainings mix in so that what was learnt is kept.
const ReplayFile = "replay.jsonl.gz"

// RegressionFile lies beside it: steps of the README's tasks, recorded on real programs,
// which nothing is trained on and no version may unlearn.
const RegressionFile = "regression.jsonl.gz"

// weights are an adapter's; the zero value is the base model alone.
type weights struct {
	version string
	folder  string // with the adapter's files
	sha256  string
}

// origin is what a training begins from, and what comes of it has to be better than.
type origin struct {
	weights

	champion weights
	known    []string // sessions that the champion learned from
	replay   []Example
	// regression are the steps that no version may unlearn.
	regression []Example
}

// origin asks the registry for the champion, unless it is the turn of a version
// that begins from the base, and fetches its files.
func (w *work) origin(ctx context.Context) (origin, error) {
	var o origin
	n, _ := contracts.VersionNumber(w.job.Version)
	fresh := w.config.Recipe.FreshEvery > 0 && n%w.config.Recipe.FreshEvery == 0
	resolved, err := ask[contracts.AdapterResolved](ctx, w.bus, contracts.SubjectRegistryResolve, contracts.AdapterQuery{Role: contracts.RolePlanner})
	if _, answered := errors.AsType[*answerError](err); err != nil && !answered {
		return o, fmt.Errorf("%w: the registry does not answer: %w", errWaiting, err)
	}
	if err == nil && resolved.Adapter != nil {
		o.champion.version, o.champion.sha256, o.known = resolved.Adapter.Version, resolved.Adapter.SHA256, resolved.Adapter.Sessions
		if o.champion.folder, err = w.fetch(ctx, *resolved.Adapter); err != nil {
			return o, err
		}
		if !fresh {
			o.weights = o.champion
		}
	}
	starter, err := ask[contracts.Adapter](ctx, w.bus, contracts.SubjectRegistryGet,
		contracts.AdapterQuery{Role: contracts.RolePlanner, Version: contracts.VersionStarter})
	if _, answered := errors.AsType[*answerError](err); answered {
		w.log.Info("there is no starter adapter: nothing is replayed", "err", err)
		return o, nil
	}
	if err != nil {
		return o, fmt.Errorf("%w: the registry does not answer: %w", errWaiting, err)
	}
	for _, f := range starter.Files {
		into := map[string]*[]Example{ReplayFile: &o.replay, RegressionFile: &o.regression}[f.Name]
		if into == nil {
			continue
		}
		path := filepath.Join(w.dir(), f.Name)
		if err := w.blobs.Download(ctx, f.Blob, path); err != nil {
			return o, fmt.Errorf("fetch the starter's steps: %w", err)
		}
		if *into, err = ReadExamples(path); err != nil {
			return o, fmt.Errorf("%w: %w", ErrUntrainable, err)
		}
	}
	return o, nil
}

// fetch downloads an adapter's files into the job's folder.
func (w *work) fetch(ctx context.Context, a contracts.Adapter) (string, error) {
	folder := filepath.Join(w.dir(), "parent")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("fetch the adapter %s: %w", a.Version, err)
	}
	for _, f := range a.Files {
		if f.Name != filepath.Base(f.Name) || slices.Contains([]string{ReplayFile, RegressionFile}, f.Name) {
			continue
		}
		if err := w.blobs.Download(ctx, f.Blob, filepath.Join(folder, f.Name)); err != nil {
			return "", fmt.Errorf("fetch the adapter %s to begin from: %w", a.Version, err)
		}
	}
	return folder, nil
}
