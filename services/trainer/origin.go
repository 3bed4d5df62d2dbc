package trainer

import (
	"cmp"
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

// champion is the version in use for a role, which a new one has to be better than: the planner's
// where the role has none of its own; nil for the base model alone.
func (s *service) champion(ctx context.Context, role contracts.Role) (*contracts.Adapter, error) {
	resolved, err := ask[contracts.AdapterResolved](ctx, s.bus, contracts.SubjectRegistryResolve, contracts.AdapterQuery{Role: role})
	if _, answered := errors.AsType[*answerError](err); err != nil && !answered {
		return nil, fmt.Errorf("%w: the registry does not answer: %w", errWaiting, err)
	}
	if err != nil {
		return nil, nil //nolint:nilnil,nilerr // the base it is
	}
	if resolved.Adapter == nil && role != contracts.RolePlanner {
		return s.champion(ctx, contracts.RolePlanner)
	}
	return resolved.Adapter, nil
}

// nameFor is how a role's versions call the version that they come from, or are compared with.
func nameFor(role contracts.Role, a contracts.Adapter) string {
	return contracts.VersionOf(role, cmp.Or(a.Role, contracts.RolePlanner), a.Version)
}

// fresh reports whether it is the turn of a version that begins from the base.
func (r Recipe) fresh(version string) bool {
	n, _ := contracts.VersionNumber(version)
	return r.FreshEvery > 0 && n%r.FreshEvery == 0
}

// kept are the steps that come with the starter: some to be replayed, and some that no
// version may unlearn.
type kept struct{ replay, regression []Example }

// kept fetches the starter's steps into a folder; there are none when there is no starter.
func (s *service) kept(ctx context.Context, folder string) (kept, error) {
	var k kept
	starter, err := ask[contracts.Adapter](ctx, s.bus, contracts.SubjectRegistryGet,
		contracts.AdapterQuery{Role: contracts.RolePlanner, Version: contracts.VersionStarter})
	if _, answered := errors.AsType[*answerError](err); answered {
		s.log.Info("there is no starter adapter: nothing is replayed", "err", err)
		return k, nil
	}
	if err != nil {
		return k, fmt.Errorf("%w: the registry does not answer: %w", errWaiting, err)
	}
	for _, f := range starter.Files {
		into := map[string]*[]Example{ReplayFile: &k.replay, RegressionFile: &k.regression}[f.Name]
		if into == nil {
			continue
		}
		path := filepath.Join(folder, f.Name)
		if err := s.blobs.Download(ctx, f.Blob, path); err != nil {
			return k, fmt.Errorf("fetch the starter's steps: %w", err)
		}
		if *into, err = ReadExamples(path); err != nil {
			return k, fmt.Errorf("%w: %w", ErrUntrainable, err)
		}
	}
	return k, nil
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
