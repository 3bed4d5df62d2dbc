package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/cmd/grokputer/bench"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/learning"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/contracts/screen"
)

// playedWith is what the evaluations of a version are kept under. An adapter that was
// evaluated is not again, however it is called.
func (l *learner) playedWith(version string) string {
	return "adapter " + l.state.Versions[version] + ", " + l.state.Settings.Played
}

// played are the evaluations of a version that there are.
func (l *learner) played(version string, pages []string, n int) []miniwob.Episode {
	var list []miniwob.Episode
	with := l.playedWith(version)
	for _, page := range pages {
		for _, seed := range learning.Seeds(n) {
			if e, ok := l.evaluations.Find(with, page, seed); ok {
				list = append(list, e)
			}
		}
	}
	return list
}

// evaluate plays what is left of the first n seeds of pages with a version, in a house that
// knows nothing and vanishes. What becomes of single episodes is not told.
func (l *learner) evaluate(ctx context.Context, version string, pages []string, n int, cost *learning.Cost) error {
	before := len(l.played(version, pages, n))
	if before == len(pages)*n {
		return nil
	}
	return l.apart(ctx, version, cost, func(s *service, place bench.Place, stage *miniwob.Stage) error {
		done, success := 0, 0
		player := miniwob.Player{
			Stage: stage, Bus: s.Bus(), Frames: s.Blobs(), Desktop: l.cmd.Desktop, With: l.playedWith(version), Log: l.evaluations,
			Clear: place.Clear, Gone: s.ended,
			Done: func(e miniwob.Episode, before bool) {
				done++
				if e.Success {
					success++
				}
				if !before && (done%10 == 0 || done == len(pages)*n) {
					_ = l.note("evaluation of %s: %d of %d episodes, %d done right", version, done, len(pages)*n, success)
					_ = l.spend(cost) // what is not kept now is kept the next time
				}
			},
		}
		_, err := player.Play(ctx, pages, learning.Seeds(n))
		return err
	})
}

// draw finds the other pages: the first in their drawn order that begin an episode and set a
// goal.
func (l *learner) draw(ctx context.Context) error {
	s := l.state
	if len(s.Others) == s.Settings.Others {
		return nil
	}
	names := learning.Draw(s.Settings.Seed, l.pages.Names(), slices.Concat(s.Settings.Tasks, miniwob.Development()))
	return l.apart(ctx, s.Rounds[0].Evaluated, &s.Final, func(_ *service, _ bench.Place, stage *miniwob.Stage) error {
		var drawn []string
		for _, name := range names {
			if len(drawn) == s.Settings.Others {
				break
			}
			_, ready, err := stage.Show(ctx, name, 0, false)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err == nil && screen.Line(ready.Goal) != "" { // a page that does not begin is no task for anybody
				drawn = append(drawn, name)
			}
		}
		if len(drawn) < s.Settings.Others {
			return fmt.Errorf("others: only %d other pages begin", len(drawn))
		}
		s.Others = drawn
		return nil
	})
}

// apart does something on a stage in a house of its own, in which a version plans.
func (l *learner) apart(
	ctx context.Context, version string, cost *learning.Cost, do func(*service, bench.Place, *miniwob.Stage) error,
) (err error) {
	defer func() { err = errors.Join(err, l.spend(cost)) }()
	s, place, err := startApart(ctx, l.call, &l.cmd.work, func(config *house.Config) {
		config.Planner.Adapter, config.Planner.Registry = l.folder(version), false
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	stage, err := newStage(ctx, s, l.pages, l.cmd.Scale)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Close(ctx)) }()
	return do(s, place, stage)
}
