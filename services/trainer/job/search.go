package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

const (
	searchFolder = "search"
	searchFile   = "search.json"
)

// search looks for the settings of a training by successive halving (Jamieson and Talwalkar
// 2016): all choices are trained for some steps, the better half of them goes on from where it
// stands, until one is left or the time is over. Each is trained as it would be alone, to the bit.
type search struct {
	*run
	own

	set      examples
	champion *lora.Adapter
	state    searchState
}

// searchState is what a later process has to know.
type searchState struct {
	gate.Search

	// Round is how many rounds are over, Began when the stopwatch said the search began, and
	// Champion at which of the replayed steps the champion is right.
	Round    int     `json:"round"`
	Began    float64 `json:"began"`
	Champion []bool  `json:"champion"`
}

// newSearch prepares a search. It has no trials when there is nothing to compare them by.
func (r *run) newSearch(read []trainer.Example) (*search, error) {
	s := &search{run: r, own: ownOf(read)}
	s.state.BudgetSeconds = r.Recipe.Search.Seconds()
	if !s.enough() {
		s.state.Ended = fmt.Sprintf("%d steps could be spared to compare them by, fewer than %d", len(s.lessons)+len(s.replayed), leastOwn)
		return s, nil
	}
	var err error
	if s.set, err = r.examples(s.read); err != nil {
		return nil, err
	}
	s.state.Lessons, s.state.Replayed = len(s.lessons), len(s.replayed)
	s.state.Trials = grid(r.Recipe, r.ParentFolder == "")
	return s, nil
}

// find compares the trials and trains the best one to its end, of which happened is told.
func (s *search) find(ctx context.Context, happened func(train.Event)) (fitted, error) {
	if err := s.open(ctx); err != nil {
		return fitted{}, err
	}
	if err := s.compare(ctx); err != nil {
		return fitted{}, err
	}
	s.state.Chosen = s.best()
	recipe := recipeOf(s.Recipe, s.state.Trials[s.state.Chosen])
	adapter, err := s.start(recipe)
	if err != nil {
		return fitted{}, final(ctx, err)
	}
	if err := s.curve.open(filepath.Join(s.Folder, s.folder(s.state.Chosen))); err != nil {
		return fitted{}, err
	}
	result, err := s.fit(ctx, recipe, adapter, s.set, s.checkpoints(s.state.Chosen), happened)
	return fitted{adapter: adapter, set: s.set, recipe: recipe, result: result, search: &s.state.Search}, err
}

// open goes on with what an earlier process found, or begins.
func (s *search) open(ctx context.Context) error {
	known, err := readJSON[searchState](filepath.Join(s.Folder, searchFile))
	if err != nil {
		return err
	}
	if s.champion, err = s.run.champion(); err != nil {
		return err
	}
	if known != nil {
		s.state = *known
		return nil
	}
	s.state.Began = s.spent.now()
	s.doing("searching: what the version in use knows")
	if s.state.Champion, err = s.says(ctx, s.champion, s.replayed); err != nil {
		return err
	}
	return s.note()
}

// note writes down what was found so far.
func (s *search) note() error {
	s.state.Seconds = s.spent.now() - s.state.Began
	return writeJSON(filepath.Join(s.Folder, searchFile), s.state)
}

// errOver ends the comparing at the end of its time.
var errOver = errors.New("the time for the search is over")

// compare does the rounds that are left.
func (s *search) compare(ctx context.Context) error {
	at := rounds(len(s.state.Trials), s.steps(s.set.items()), s.Recipe.EvalEvery)
	for s.state.Ended == "" && len(s.left()) > 1 && s.state.Round < len(at) {
		err := s.round(ctx, at[s.state.Round])
		switch {
		case errors.Is(err, errOver):
			s.state.Ended = fmt.Sprintf("the time for it (%s) ended in round %d of %d, so that the rest was not compared",
				s.Recipe.Search.Round(time.Second), s.state.Round+1, len(at))
		case err != nil:
			return err
		default:
			s.halve()
			s.state.Round++
		}
		if err := errors.Join(s.note(), s.discard()); err != nil {
			return err
		}
	}
	return nil
}

// discard removes what is kept of the trials that were given up: hundreds of megabytes.
func (s *search) discard() error {
	for i, t := range s.state.Trials {
		if t.Out == "" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.Folder, s.folder(i))); err != nil {
			return fmt.Errorf("remove a trial of the search: %w", err)
		}
	}
	return nil
}

// round has every trial that is left measured at a step.
func (s *search) round(ctx context.Context, until int) error {
	left := s.left()
	var failed error
	for n, i := range left {
		t := &s.state.Trials[i]
		if len(t.Rounds) > s.state.Round {
			continue // an earlier process did that
		}
		if s.over() {
			return errOver
		}
		measured, err := s.measure(ctx, i, until, searching(n+1, len(left), *t))
		switch {
		case errors.Is(err, train.ErrDiverged), errors.Is(err, lm.ErrMemory):
			t.Out, failed = err.Error(), err
		case err != nil:
			return err
		default:
			t.Rounds = append(t.Rounds, measured)
		}
		if err := s.note(); err != nil {
			return err
		}
	}
	if len(s.left()) == 0 {
		return fmt.Errorf("with none of the settings it can be trained: %w", failed)
	}
	return nil
}

// over reports whether the time is.
func (s *search) over() bool { return s.spent.now()-s.state.Began > s.Recipe.Search.Seconds() }

// folder is a trial's own, in the job's.
func (s *search) folder(i int) string {
	return filepath.Join(searchFolder, fmt.Sprintf("trial-%d", i+1))
}

func (s *search) checkpoints(i int) string { return filepath.Join(s.folder(i), checkpointFolder) }

// searching says what is tried.
func searching(n, of int, t gate.Trial) string {
	return fmt.Sprintf("searching: %d of %d, %s", n, of, t)
}
