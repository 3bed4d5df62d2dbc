// Package train fits a LoRA adapter to examples: by supervised fine-tuning, where the
// loss is the cross-entropy of the completions' tokens and the prompts' tokens count
// as context only, by DPO from pairs of completions, by KTO from rated completions,
// and by any mixture of these in one run.
//
// A run is a pure function of the base model, the adapter's start, the examples
// and the options: the order of the examples and every dropout mask are computed
// from the seed and the step's number, so there is no random state to keep. A run
// that was interrupted and resumed from its checkpoint ends with the same bits as
// one that was not, on the same machine.
package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/grokputer/grokputer/lm/lora"
)

var (
	// ErrInvalid is returned for options or examples that cannot be trained with.
	ErrInvalid = errors.New("train: invalid")
	// ErrDiverged is returned when a loss or a gradient is no longer a finite number.
	ErrDiverged = errors.New("train: diverged")
	// ErrTorn says that a checkpoint is incomplete or damaged.
	ErrTorn = errors.New("train: damaged checkpoint")
	// ErrOtherRun is returned when the checkpoint folder belongs to a run with other
	// options, examples or dimensions.
	ErrOtherRun = errors.New("train: checkpoint of another run")
)

// Model computes log probabilities and gradients for an adapter on a frozen base. The
// log probability of a sequence is the sum of those of its labels.
type Model interface {
	// LogProbs writes those of the batch's sequences to dst, without dropout; a nil
	// adapter is the base alone.
	LogProbs(ctx context.Context, b Batch, a *lora.Adapter, dst []float64) error
	// Weighted computes them with dropout, has weigh turn those of sequences first to
	// first+len(logProbs) into weights, once or in parts, and adds the gradient of
	// their weighted sum to grad. A sequence and those that continue it are in one
	// part.
	Weighted(ctx context.Context, b Batch, a, grad *lora.Adapter, weigh func(first int, logProbs, weights []float64)) error
}

// Result is how a run ended.
type Result struct {
	Steps   int     // optimiser steps in all, those before a resume included
	Loss    float64 // of the last step, see Stepped
	Stopped bool    // by Patience, before the last step

	// With a held-out set: its loss for the adapter that is returned, and the step
	// that this adapter comes from. Else 0.
	HeldOutLoss float64
	BestStep    int

	Tokens   int           // computed in this call, prompts included
	Duration time.Duration // of this call
}

// Run trains adapter a in place, on all that data has. With Options.CheckpointDir it continues from the
// newest sound checkpoint there. With Options.Patience the adapter ends as the one
// with the least held-out loss, else as the last step left it.
//
// When ctx ends, Run writes a checkpoint and returns an error wrapping ctx's; a
// later call with equal arguments goes on from there.
func Run(ctx context.Context, m Model, a *lora.Adapter, data Dataset, opts Options) (Result, error) {
	t, err := newTrainer(m, a, data, opts)
	if err != nil {
		return Result{}, err
	}
	if err := t.resume(); err != nil {
		return Result{}, err
	}
	t.begin()
	for {
		if err := t.evaluate(ctx); err != nil {
			return Result{}, t.interrupted(ctx, err)
		}
		done := t.Step == t.steps || t.exhausted()
		if every := t.opts.CheckpointEvery; done || every > 0 && t.Step%every == 0 {
			if err := t.checkpoint(); err != nil {
				return Result{}, err
			}
		}
		if done {
			return t.finish()
		}
		if err := t.step(ctx); err != nil {
			return Result{}, t.interrupted(ctx, err)
		}
	}
}

// interrupted turns an error into the one to return; after the end of ctx the
// finished steps are saved first.
func (t *trainer) interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if saveErr := t.checkpoint(); saveErr != nil {
		return errors.Join(err, saveErr)
	}
	return fmt.Errorf("train: interrupted after step %d of %d: %w", t.Step, t.steps, context.Cause(ctx))
}

// finish restores the best adapter, if one is kept, and sums up.
func (t *trainer) finish() (Result, error) {
	r := Result{
		Steps:    t.Step,
		Loss:     t.Loss,
		Stopped:  t.Step < t.steps,
		Tokens:   t.tokens,
		Duration: time.Since(t.began),
	}
	if t.heldOut.len() > 0 {
		r.HeldOutLoss, r.BestStep = t.HeldOutLoss, t.Step
	}
	if t.best != nil && t.BestStep > 0 {
		if err := t.adapter.CopyFrom(t.best); err != nil {
			return Result{}, fmt.Errorf("train: restore the best adapter: %w", err)
		}
		r.HeldOutLoss, r.BestStep = t.BestLoss, t.BestStep
	}
	return r, nil
}

// Evaluate returns the mean loss per label token of an adapter on examples, without
// dropout. A nil adapter evaluates the base.
func Evaluate(ctx context.Context, m Model, a *lora.Adapter, examples []Example, microTokens int) (float64, error) {
	opts := Options{MicroTokens: microTokens}
	s := set{examples: examples}
	if err := s.check("evaluated", opts); err != nil {
		return 0, err
	}
	if s.len() == 0 {
		return 0, fmt.Errorf("%w: no examples to evaluate on", ErrInvalid)
	}
	got, err := evaluate(ctx, m, a, s, &opts)
	return got.loss, err
}

func evaluate(ctx context.Context, m Model, a *lora.Adapter, s set, opts *Options) (score, error) {
	o := objective{model: m, adapter: a, opts: opts}
	got, err := o.of(ctx, s)
	if err != nil {
		return score{}, fmt.Errorf("train: evaluate: %w", err)
	}
	if math.IsNaN(got.loss) || math.IsInf(got.loss, 0) {
		return score{}, fmt.Errorf("%w: the held-out loss is %v", ErrDiverged, got.loss)
	}
	return got, nil
}
