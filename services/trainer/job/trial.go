package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// errRound interrupts a trial that is to be measured.
var errRound = errors.New("this round of the search is over")

// measure trains a trial until that step and measures what it came to.
func (s *search) measure(ctx context.Context, i, until int, doing string) (gate.Round, error) {
	adapter, measured, err := s.advance(ctx, i, until, doing)
	if err != nil {
		return gate.Round{}, err
	}
	is, err := s.says(ctx, adapter, s.replayed)
	if err != nil {
		return gate.Round{}, err
	}
	measured.Replay.Name = gate.Replay
	for k := range is {
		measured.Replay = measured.Replay.With(s.state.Champion[k], is[k])
	}
	return measured, nil
}

// advance trains a trial until that step, from where it stands. It is then interrupted as by the
// end of a process, so that it can go on as if it never was. One that has ended before, since
// its loss no longer fell, stays as it is.
func (s *search) advance(ctx context.Context, i, until int, doing string) (*lora.Adapter, gate.Round, error) {
	recipe := recipeOf(s.Recipe, s.state.Trials[i])
	adapter, err := s.start(recipe)
	if err != nil {
		return nil, gate.Round{}, final(ctx, err)
	}
	var losses curve
	folder := filepath.Join(s.Folder, s.folder(i))
	if err := errors.Join(os.MkdirAll(folder, 0o700), losses.open(folder)); err != nil {
		return nil, gate.Round{}, fmt.Errorf("a trial of the search: %w", err)
	}
	fitting, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	at := gate.Round{}
	reached := func(step int) bool { return step >= until && until < s.steps(s.set.items()) } // the end comes by itself
	result, err := s.fit(fitting, recipe, adapter, s.set, s.checkpoints(i), func(event train.Event) {
		s.tried(event, doing, &losses)
		switch e := event.(type) {
		case train.Started:
			at.Step, at.HeldOut = e.Resumed, losses.heldOut(e.Resumed)
			if reached(e.Resumed) && at.HeldOut > 0 { // else it is measured next
				stop(errRound)
			}
		case train.Stepped:
			at.Step, at.HeldOut = e.Step, 0
			if s.over() {
				stop(errOver)
			}
		case train.Evaluated:
			at.HeldOut = e.Loss
			if reached(e.Step) {
				stop(errRound)
			}
		}
	})
	switch {
	case err == nil:
		return adapter, gate.Round{Step: result.Steps, HeldOut: result.HeldOutLoss}, nil
	case ctx.Err() == nil && errors.Is(err, errRound):
		return adapter, at, nil
	default:
		return nil, gate.Round{}, errors.Join(err, s.spent.save())
	}
}

// tried tells of an event of a trial.
func (s *search) tried(event train.Event, doing string, losses *curve) {
	p := trainer.Progressed{}
	p.JobID, p.Version, p.Doing = s.JobID, s.Version, doing
	switch e := event.(type) {
	case train.Stepped:
		losses.stepped(e.Step, e.Loss)
		p.Step, p.Steps, p.Loss = e.Step, e.Steps, e.Loss
		p.TokensPerSecond, p.LeftSeconds = e.TokensPerSecond, e.Left.Seconds()
		s.tell(p)
	case train.Evaluated:
		losses.evaluated(e.Step, e.Loss)
		_ = losses.save() // before the checkpoint that takes it for measured
	case train.Checkpointed:
		_ = errors.Join(s.spent.save(), losses.save()) // what is not saved is missing in a plot, and is not paid for
	}
}
