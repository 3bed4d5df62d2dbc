package lm

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/model"
	"github.com/grokputer/grokputer/lm/train"
)

// Example makes a training example: the prompt is what Generate would make of the
// messages, the completion is tokenised as Generate would write it and ends the turn.
func (e *Engine) Example(messages []chat.Message, completion string) (train.Example, error) {
	prompt, err := e.prompt(messages)
	if err != nil {
		return train.Example{}, err
	}
	return train.Example{Prompt: prompt, Completion: e.completion(completion)}, nil
}

// NewAdapter returns an adapter for this base that changes nothing yet.
func (e *Engine) NewAdapter(cfg lora.Config, seed uint64) (*lora.Adapter, error) {
	a, err := lora.New(cfg, e.Dims(), seed)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	return a, nil
}

// Pair makes an example for DPO of two answers to the same messages.
func (e *Engine) Pair(messages []chat.Message, chosen, rejected string) (train.Pair, error) {
	prompt, err := e.prompt(messages)
	if err != nil {
		return train.Pair{}, err
	}
	return train.Pair{Prompt: prompt, Chosen: e.completion(chosen), Rejected: e.completion(rejected)}, nil
}

// Train fits an adapter of this base to examples, pairs and rated completions, in
// place; see train.Run for checkpoints, resuming and interruption. Options.Base and
// Options.Context are filled in. Completions can be made meanwhile; each pass waits for
// the other's. It returns ErrMemory before anything is computed if there is too little.
func (e *Engine) Train(ctx context.Context, a *lora.Adapter, data train.Dataset, opts train.Options) (train.Result, error) {
	opts.Base, opts.Context = e.digest, e.model.Config().Context
	if err := e.checkMemory(ctx, a, data, opts, availableMemory("/")); err != nil {
		return train.Result{}, err
	}
	res, err := train.Run(ctx, trainable{e.model}, a, data, opts)
	if err != nil {
		return train.Result{}, fmt.Errorf("lm: %w", err)
	}
	return res, nil
}

// Evaluate returns the mean loss per label token of an adapter on examples; a nil
// adapter evaluates the base.
func (e *Engine) Evaluate(ctx context.Context, a *lora.Adapter, examples []train.Example) (float64, error) {
	loss, err := train.Evaluate(ctx, trainable{e.model}, a, examples, e.model.Config().Context)
	if err != nil {
		return 0, fmt.Errorf("lm: %w", err)
	}
	return loss, nil
}

// trainable is a model as package train sees it.
type trainable struct{ model *model.Model }

func (t trainable) LogProbs(ctx context.Context, b train.Batch, a *lora.Adapter, dst []float64) error {
	return t.model.LogProbs(ctx, model.Batch(b), a, dst)
}

func (t trainable) Weighted(
	ctx context.Context, b train.Batch, a, grad *lora.Adapter, weigh func(first int, logProbs, weights []float64),
) error {
	return t.model.Weighted(ctx, model.Batch(b), a, grad, weigh)
}
