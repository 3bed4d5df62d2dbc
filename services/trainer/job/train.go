package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/train"
	"github.com/grokputer/grokputer/services/trainer"
)

// forwardShare is how much longer a training step takes than measuring the loss of
// the same tokens: the backward pass computes two products for each of the forward
// pass, which it repeats for recomputation as well.
const forwardShare = 3

const checkpointFolder = "checkpoints"

// run is one process's work on an assignment.
type run struct {
	trainer.Assignment

	tell   func(trainer.Update)
	engine *lm.Engine
	spent  stopwatch
	rest   *pause
	curve  curve
}

// do does the assignment, or returns what an earlier process made of it.
func do(ctx context.Context, a trainer.Assignment, tell func(trainer.Update), p *pause) (trainer.Trained, error) {
	if done, err := readResult(a.Folder); err != nil || done != nil {
		if err != nil {
			return trainer.Trained{}, err
		}
		return *done, nil
	}
	engine, err := lm.Open(ctx, a.Model, lm.Options{SHA256: a.ModelSHA256})
	if err != nil {
		return trainer.Trained{}, final(ctx, err)
	}
	defer engine.Close() //nolint:errcheck // nothing is written through it
	r := &run{Assignment: a, tell: tell, engine: engine, rest: p}
	if err := r.spent.open(a.Folder); err != nil {
		return trainer.Trained{}, err
	}
	return r.train(ctx)
}

func (r *run) train(ctx context.Context) (trainer.Trained, error) {
	read, err := trainer.ReadExamples(filepath.Join(r.Folder, trainer.DatasetFile))
	if err != nil {
		return trainer.Trained{}, err
	}
	set, err := r.examples(read)
	if err != nil {
		return trainer.Trained{}, err
	}
	f, parentLoss, err := r.learn(ctx, read, set)
	if err != nil {
		return trainer.Trained{}, errors.Join(err, r.spent.save())
	}
	trained := trainer.Trained{
		Steps: f.result.Steps, BestStep: f.result.BestStep, Loss: f.result.Loss,
		HeldOutLoss: f.result.HeldOutLoss, ParentLoss: parentLoss, Parameters: int64(f.adapter.Size()),
	}
	report, err := r.judge(ctx, f, set.read)
	if err != nil {
		return trainer.Trained{}, errors.Join(err, r.spent.save())
	}
	if err := r.spent.save(); err != nil {
		return trainer.Trained{}, err
	}
	trained.Gate, trained.GateWhy = report.Verdict.Outcome, report.Verdict.Sentence()
	trained.Seconds, trained.CPUSeconds = r.spent.Seconds, r.spent.CPUSeconds
	trained.Cost = r.Power.Cost(time.Duration(r.spent.Seconds * float64(time.Second)))
	f.set.HeldOut = set.HeldOut
	return trained, r.save(f, report, &trained)
}

// fit trains an adapter on a set. What an earlier process left in the folder of the
// checkpoints, within the job's, is gone on with.
func (r *run) fit(
	ctx context.Context, recipe trainer.Recipe, adapter *lora.Adapter, set examples, checkpoints string, happened func(train.Event),
) (train.Result, error) {
	opts := r.options(recipe, set)
	if r.ParentFolder != "" && len(set.Pairs)+len(set.Rated) > 0 {
		opts.Reference = adapter.Clone() // what preferences are held to: the planner as it was
	}
	opts.CheckpointDir = filepath.Join(r.Folder, checkpoints)
	opts.OnEvent = func(e train.Event) {
		happened(e)
		if _, step := e.(train.Stepped); step {
			r.spent.rested(r.rest.wait(ctx))
		}
	}
	return r.engine.Train(ctx, adapter, set.Dataset, opts)
}

// start returns the adapter that the training begins from: the parent's weights, or
// a new one.
func (r *run) start(recipe trainer.Recipe) (*lora.Adapter, error) {
	if r.ParentFolder == "" {
		config := lora.DefaultConfig()
		config.Rank, config.Alpha, config.Dropout = recipe.Rank, float32(recipe.Alpha), float32(recipe.Dropout)
		return r.engine.NewAdapter(config, recipe.Seed)
	}
	adapter, _, err := lora.Load(r.ParentFolder, r.engine.Dims(), lora.Expect{
		SHA256: r.ParentSHA256, BaseSHA256: r.engine.Info().SHA256,
	})
	if err != nil {
		return nil, fmt.Errorf("the adapter %s to begin from: %w", r.Parent, err)
	}
	adapter.Config.Dropout = float32(recipe.Dropout)
	adapter.Rescale(float32(recipe.Alpha))
	return adapter, nil
}

// plan measures the loss that is to be beaten on the held-out steps of a whole set, and by the
// time that it took says how long it will take to learn from what is learned of it, with so many
// steps of a search aside.
func (r *run) plan(
	ctx context.Context, adapter *lora.Adapter, learned, whole examples, aside int,
) (parentLoss float64, p trainer.Planned, err error) {
	p = trainer.Planned{
		Parameters: int64(adapter.Size()), Tokens: learned.tokens, Steps: r.steps(learned.items()),
		Device: r.engine.Info().Device, Dropped: whole.dropped,
		Supervised: len(learned.Train), Pairs: len(learned.Pairs), Judged: len(learned.Rated),
	}
	if len(whole.HeldOut) == 0 {
		r.tell(p)
		return 0, p, nil
	}
	began := time.Now()
	if parentLoss, err = r.engine.Evaluate(ctx, adapter, whole.HeldOut); err != nil {
		return 0, p, err
	}
	perToken := time.Since(began).Seconds() / float64(whole.heldOutTokens)
	perStep := perToken * forwardShare * float64(learned.tokens) / float64(learned.items()) * float64(r.Recipe.Batch)
	evaluations := float64(p.Steps/r.Recipe.EvalEvery+1) * perToken * float64(learned.heldOutTokens)
	p.Seconds = perStep*float64(p.Steps) + evaluations + min(perStep*float64(aside), r.Recipe.Search.Seconds())
	r.tell(p)
	return parentLoss, p, nil
}

// steps is the number of optimiser steps for so many examples.
func (r *run) steps(n int) int {
	perEpoch := (n + r.Recipe.Batch - 1) / r.Recipe.Batch
	steps := max(r.Recipe.Epochs*perEpoch, r.Recipe.MinSteps)
	if r.Recipe.MaxSteps > 0 {
		steps = min(steps, r.Recipe.MaxSteps)
	}
	return steps
}

func (r *run) options(recipe trainer.Recipe, set examples) train.Options {
	steps := r.steps(set.items())
	o := train.DefaultOptions()
	o.Seed = recipe.Seed
	o.LearningRate = recipe.LearningRate
	o.BatchExamples = recipe.Batch
	o.MaxSteps = steps
	o.Epochs = (steps*recipe.Batch + set.items() - 1) / set.items()
	// A micro-batch is packed by tokens: as many as its examples have on average.
	o.MicroTokens = max(set.longest, recipe.MicroBatch*set.tokens/set.items())
	o.KTO.Desirable, o.KTO.Undesirable = evened(set.Rated)
	if len(set.HeldOut) > 0 {
		o.EvalEvery, o.Patience = recipe.EvalEvery, recipe.Patience
	}
	o.CheckpointEvery = recipe.CheckpointEvery
	return o
}

// evened returns the weights with which right and wrong answers count the same together.
func evened(judged []train.Rated) (desirable, undesirable float64) {
	right := 0
	for _, j := range judged {
		if j.Desirable {
			right++
		}
	}
	wrong := len(judged) - right
	if right == 0 || wrong == 0 {
		return 1, 1
	}
	if right < wrong {
		return float64(wrong) / float64(right), 1
	}
	return 1, float64(right) / float64(wrong)
}

// happened tells of an event of the training.
func (r *run) happened(event train.Event, plan trainer.Planned) {
	at := trainer.Progressed{}
	at.JobID, at.Version, at.Steps = r.JobID, r.Version, plan.Steps
	switch e := event.(type) {
	case train.Started:
		plan.Resumed = e.Resumed
		if e.Resumed > 0 {
			r.tell(plan)
		}
		return
	case train.Stepped:
		at.Step, at.Loss = e.Step, e.Loss
		at.TokensPerSecond, at.LeftSeconds = e.TokensPerSecond, e.Left.Seconds()
		r.curve.stepped(e.Step, e.Loss)
	case train.Evaluated:
		at.Step, at.HeldOutLoss = e.Step, e.Loss
		r.curve.evaluated(e.Step, e.Loss)
	case train.Checkpointed:
		if err := errors.Join(r.spent.save(), r.curve.save()); err == nil { // what is not saved is not paid for
			r.tell(trainer.Checkpointed{Step: e.Step, Steps: plan.Steps})
		}
		return
	default:
		return
	}
	r.tell(at)
}

// final marks errors that no repetition mends.
func final(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, fs.ErrPermission) {
		return err
	}
	return fmt.Errorf("%w: %w", trainer.ErrUntrainable, err)
}
