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

// Train fits an adapter of this base to examples, in place; see train.SFT for
// checkpoints, resuming and interruption. Options.Base is filled in. Completions
// can be made meanwhile; each pass waits for the other's.
func (e *Engine) Train(ctx context.Context, a *lora.Adapter, data train.Dataset, opts train.Options) (train.Result, error) {
	opts.Base = e.digest
	res, err := train.SFT(ctx, trainable{e.model}, a, data, opts)
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

func (t trainable) Gradients(ctx context.Context, b train.Batch, a, grad *lora.Adapter) (float64, int, error) {
	return t.model.Gradients(ctx, model.Batch(b), a, grad)
}

func (t trainable) Loss(ctx context.Context, b train.Batch, a *lora.Adapter) (float64, int, error) {
	return t.model.Loss(ctx, model.Batch(b), a)
}
