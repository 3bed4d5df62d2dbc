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

// champion is the version that a training of a version begins from; nil when it begins from
// the base: there is none yet, or it is the turn of one that does.
func (s *service) champion(ctx context.Context, version string) (*contracts.Adapter, error) {
	n, _ := contracts.VersionNumber(version)
	fresh := s.config.Recipe.FreshEvery > 0 && n%s.config.Recipe.FreshEvery == 0
	resolved, err := ask[contracts.AdapterResolved](ctx, s.bus, contracts.SubjectRegistryResolve, contracts.AdapterQuery{Role: contracts.RolePlanner})
	if _, answered := errors.AsType[*answerError](err); err != nil && !answered {
		return nil, fmt.Errorf("%w: the registry does not answer: %w", errWaiting, err)
	}
	if err != nil || fresh {
		return nil, nil //nolint:nilnil,nilerr // the base it is
	}
	return resolved.Adapter, nil
}

// replay returns the starter's steps, which are fetched into a folder; none when there is no starter.
func (s *service) replay(ctx context.Context, folder string) ([]Example, error) {
	starter, err := ask[contracts.Adapter](ctx, s.bus, contracts.SubjectRegistryGet,
		contracts.AdapterQuery{Role: contracts.RolePlanner, Version: contracts.VersionStarter})
	if _, answered := errors.AsType[*answerError](err); answered {
		s.log.Info("there is no starter adapter: nothing is replayed", "err", err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the registry does not answer: %w", errWaiting, err)
	}
	for _, f := range starter.Files {
		if f.Name != ReplayFile {
			continue
		}
		path := filepath.Join(folder, ReplayFile)
		if err := s.blobs.Download(ctx, f.Blob, path); err != nil {
			return nil, fmt.Errorf("fetch the starter's steps: %w", err)
		}
		examples, err := ReadExamples(path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUntrainable, err)
		}
		return examples, nil
	}
	return nil, nil
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
