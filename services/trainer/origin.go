package trainer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/contracts"
)

// ReplayFile lies beside the starter adapter: a sample of its training steps,
// which later trainings mix in so that what was learnt is kept.
const ReplayFile = "replay.jsonl.gz"

// RegressionFile lies beside it: steps of the README's tasks, recorded on real programs,
// which nothing is trained on and no version may unlearn.
const RegressionFile = "regression.jsonl.gz"

// origin is what a training begins from.
type origin struct {
	version string // empty: the base model
	folder  string // with the adapter's files; empty for the base
	sha256  string
	replay  []Example
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
	if err == nil && resolved.Adapter != nil && !fresh {
		o.version, o.sha256 = resolved.Adapter.Version, resolved.Adapter.SHA256
		if o.folder, err = w.fetch(ctx, *resolved.Adapter); err != nil {
			return o, err
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
		if f.Name != ReplayFile {
			continue
		}
		path := filepath.Join(w.dir(), ReplayFile)
		if err := w.blobs.Download(ctx, f.Blob, path); err != nil {
			return o, fmt.Errorf("fetch the starter's steps: %w", err)
		}
		if o.replay, err = ReadExamples(path); err != nil {
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
		if f.Name != filepath.Base(f.Name) || f.Name == ReplayFile {
			continue
		}
		if err := w.blobs.Download(ctx, f.Blob, filepath.Join(folder, f.Name)); err != nil {
			return "", fmt.Errorf("fetch the adapter %s to begin from: %w", a.Version, err)
		}
	}
	return folder, nil
}
