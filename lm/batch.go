package lm

import (
	"cmp"
	"context"
	"fmt"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/model"
)

// Request is one of several completions.
type Request struct {
	Messages []chat.Message
	Options  GenerateOptions
}

// GenerateBatch writes the assistant's next message for each request, in the order of
// the requests, several at once (Options.Sequences): the base model's weights are read
// once for all of them, whatever adapters they have. What prompts with the same adapter
// have in common at their beginnings is computed once.
//
// They are the completions of Generate but for rounding, which can tip the scales
// where two tokens are as good as equal. A request that cannot be completed has a zero
// Result and an error among those joined in the returned one; see generate.Batch. With
// an unknown adapter or a malformed message nothing is generated. Batches are made
// one after the other; single completions go on meanwhile.
func (e *Engine) GenerateBatch(ctx context.Context, requests []Request) ([]generate.Result, error) {
	inner := make([]generate.Request, len(requests))
	longest := 0
	for i, r := range requests {
		a, err := e.attached(r.Options.Adapter)
		if err != nil {
			return nil, fmt.Errorf("lm: request %d: %w", i, err)
		}
		prompt, err := e.prompt(r.Messages)
		if err != nil {
			return nil, fmt.Errorf("lm: request %d: %w", i, err)
		}
		inner[i] = generate.Request{Prompt: prompt, Options: r.Options.with(a)}
		longest = max(longest, len(prompt)+min(cmp.Or(r.Options.MaxTokens, generate.DefaultMaxTokens), e.context))
	}
	if len(requests) == 0 {
		return nil, nil
	}
	if err := e.batches.take(ctx); err != nil {
		return nil, err
	}
	defer e.batches.give()
	d := &batchDecoder{model: e.model, caches: make([]*model.Cache, min(len(requests), e.sequences))}
	for i := range d.caches {
		d.caches[i] = e.model.NewCache(max(1, min(longest, e.context)))
	}
	defer d.close()
	batch, err := generate.NewBatch(d, e.vocab)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	results, err := batch.Generate(ctx, inner)
	if err != nil {
		err = fmt.Errorf("lm: %w", err)
	}
	return results, err
}
