package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/learning"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/contracts"
)

// tries is how often a part of a curve is begun before its error ends the curve: each goes on
// where the one before was.
const tries = 3

// learner makes a learning curve.
type learner struct {
	*call

	cmd   *benchLearningCmd
	pages miniwob.Pages
	state *learning.State
	// sessions are those that are learned from, ratings what was said of them, and evaluations
	// what nobody learns from.
	sessions, evaluations *miniwob.Log
	ratings               *learning.Ratings
	meter                 *learning.Meter
	program               string
}

// run does the rounds that are left, and then what is measured at both ends.
func (l *learner) run(ctx context.Context) error {
	for n := range l.cmd.Rounds + 1 {
		if err := l.round(ctx, n); err != nil {
			return fmt.Errorf("round %d: %w", n, err)
		}
	}
	return l.ends(ctx)
}

// round takes a round from where it is to its end. Round 0 has no sessions: it is what there
// was before.
func (l *learner) round(ctx context.Context, n int) error {
	r := l.state.Begin(n, l.program)
	if !r.Ended.IsZero() {
		return nil
	}
	if n == 0 {
		r.Champion, r.Evaluated = contracts.VersionStarter, contracts.VersionStarter
		if err := l.know(r.Evaluated); err != nil {
			return err
		}
	}
	if err := l.state.Save(); err != nil {
		return err
	}
	if n > 0 && r.Training == nil {
		if err := l.again(ctx, func(ctx context.Context) error { return l.learn(ctx, r) }); err != nil {
			return err
		}
	}
	judge := func(ctx context.Context) error {
		return l.evaluate(ctx, r.Evaluated, l.state.Settings.Tasks, l.cmd.EvaluationSeeds, &r.Judging)
	}
	if err := l.again(ctx, judge); err != nil {
		return err
	}
	r.Ended = time.Now().UTC()
	if err := l.state.Save(); err != nil {
		return err
	}
	return l.cmd.report(l)
}

// ends plays more seeds, and the other pages, with what the curve began with and with what it
// came to.
func (l *learner) ends(ctx context.Context) error {
	s := l.state
	first, last := s.Rounds[0].Evaluated, s.Rounds[l.cmd.Rounds].Evaluated
	for _, version := range []string{first, last} {
		play := func(ctx context.Context) error {
			return l.evaluate(ctx, version, s.Settings.Tasks, l.cmd.FinalSeeds, &s.Final)
		}
		if err := l.again(ctx, play); err != nil {
			return err
		}
	}
	if s.Settings.Others == 0 {
		return nil
	}
	if err := l.again(ctx, l.draw); err != nil {
		return err
	}
	for _, version := range []string{first, last} {
		play := func(ctx context.Context) error {
			return l.evaluate(ctx, version, s.Others, s.Settings.OtherSeeds, &s.Final)
		}
		if err := l.again(ctx, play); err != nil {
			return err
		}
	}
	return nil
}

// again does a part of the curve, and again when it fails: a browser or a server may have
// ended, and a curve takes hours.
func (l *learner) again(ctx context.Context, do func(context.Context) error) error {
	var err error
	for try := range tries {
		if err = do(ctx); err == nil || ctx.Err() != nil {
			return err
		}
		if try < tries-1 {
			if err := l.note("once more: %v", err); err != nil {
				return err
			}
		}
	}
	return err
}

// folder has the adapter of a version.
func (l *learner) folder(version string) string {
	if strings.HasPrefix(version, contracts.VersionStarter) {
		return l.cmd.starter(l.data())
	}
	return filepath.Join(l.cmd.Results, "adapters", version)
}

// know notes which weights a version has.
func (l *learner) know(version string) error {
	if l.folder(version) == "" {
		return errors.New("no starter adapter was found to begin with: name its folder with --registry-starter")
	}
	hash, err := hashFile(filepath.Join(l.folder(version), weightsFile))
	if err != nil {
		return err
	}
	if before := l.state.Versions[version]; before != "" && before != hash {
		return fmt.Errorf("%s has other weights than when the curve began: set the same with --registry-starter, or name another folder with --results", version)
	}
	l.state.Versions[version] = hash
	return nil
}

// spend adds what was used since the last time to a cost, and keeps that.
func (l *learner) spend(to *learning.Cost) error {
	cost, err := l.meter.Take()
	if err != nil {
		return err
	}
	*to = to.Plus(cost)
	return l.state.Save()
}
