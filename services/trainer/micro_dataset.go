package trainer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
)

// respondDataset answers what a training would learn from now.
func (s *service) respondDataset(ctx context.Context, r micro.Request) {
	ctx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	var made contracts.DatasetMade
	role, err := roleAsked(r.Data())
	code := contracts.MicroBadRequest
	if err == nil {
		code = contracts.MicroUnavailable
		made, err = s.draft(ctx, role)
	}
	if err != nil {
		err = r.Error(code, err.Error(), nil)
	} else {
		err = r.RespondJSON(made)
	}
	if err != nil {
		s.log.Warn("a request was not answered", "err", err)
	}
}

// draft makes the dataset of a role's training that would begin now, and stores it.
func (s *service) draft(ctx context.Context, role contracts.Role) (made contracts.DatasetMade, err error) {
	version, err := s.nextVersion(ctx, role)
	if err != nil {
		return made, err
	}
	champion, err := s.champion(ctx, role)
	if err != nil {
		return made, err
	}
	folder, err := os.MkdirTemp("", "grokputer-dataset-")
	if err != nil {
		return made, fmt.Errorf("make the dataset: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	_, through := s.ledger.ratings()
	d, err := s.compose(ctx, role, through, champion == nil || s.config.Recipe.fresh(version), folder)
	if err != nil {
		return made, err
	}
	stored, err := s.store(ctx, d, filepath.Join(folder, DatasetFile))
	return contracts.DatasetMade{
		Dataset: stored, Through: through, Examples: len(d.Examples),
		Lessons: d.Lessons, Varied: d.Varied, Good: d.Good, Bad: d.Bad, Replay: d.Replay, HeldOut: d.HeldOut,
	}, err
}
