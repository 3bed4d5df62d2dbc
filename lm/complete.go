package lm

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
)

// GenerateOptions are the settings of one completion. The zero value writes any
// text with the current adapter.
type GenerateOptions struct {
	// Adapter is the name of a loaded adapter, or NoAdapter; empty is the current one.
	Adapter string
	// Grammar describes the texts that may be written; nil allows all.
	Grammar *grammar.Grammar
	// MaxTokens ends the completion; 0 means generate.DefaultMaxTokens.
	MaxTokens int
	// Sampling says how tokens are chosen; the zero value takes the most probable.
	Sampling generate.Sampling
	// Alternatives is how many of the most probable tokens each choice lists.
	Alternatives int
}

// with returns the options with the adapter at hand.
func (o GenerateOptions) with(a *lora.Adapter) generate.Options {
	return generate.Options{
		Grammar: o.Grammar, MaxTokens: o.MaxTokens, Adapter: a, Sampling: o.Sampling, Alternatives: o.Alternatives,
	}
}

// Generate writes the assistant's next message. Contents of messages are data: the
// names of control tokens in them are just characters. Completions are made one
// after the other; waiting for one's turn ends with ctx.
func (e *Engine) Generate(ctx context.Context, messages []chat.Message, opts GenerateOptions) (generate.Result, error) {
	a, err := e.attached(opts.Adapter)
	if err != nil {
		return generate.Result{}, err
	}
	prompt, err := e.prompt(messages)
	if err != nil {
		return generate.Result{}, err
	}
	if err := e.turn.take(ctx); err != nil {
		return generate.Result{}, err
	}
	defer e.turn.give()
	res, err := e.session.Generate(ctx, prompt, opts.with(a))
	if err != nil {
		return generate.Result{}, fmt.Errorf("lm: %w", err)
	}
	return res, nil
}

// Score returns for each completion the natural logarithm of the probability that
// the model answers with it, the end of the turn included. adapter is as in
// GenerateOptions.
func (e *Engine) Score(ctx context.Context, messages []chat.Message, completions []string, adapter string) ([]float64, error) {
	a, err := e.attached(adapter)
	if err != nil {
		return nil, err
	}
	prompt, err := e.prompt(messages)
	if err != nil {
		return nil, err
	}
	tokens := make([][]int32, len(completions))
	for i, c := range completions {
		tokens[i] = e.completion(c)
	}
	if err := e.turn.take(ctx); err != nil {
		return nil, err
	}
	defer e.turn.give()
	logprobs, err := e.session.Score(ctx, prompt, tokens, a)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	sums := make([]float64, len(logprobs))
	for i, ls := range logprobs {
		for _, l := range ls {
			sums[i] += l
		}
	}
	return sums, nil
}

func (e *Engine) prompt(messages []chat.Message) ([]int32, error) {
	ids, err := e.template.Encode(e.tok, messages, true)
	if err != nil {
		return nil, fmt.Errorf("lm: prompt: %w", err)
	}
	return ids, nil
}

// completion is a whole answer as the model is trained to give it.
func (e *Engine) completion(text string) []int32 {
	ids := e.tok.EncodeContinuation(text)
	if eos, ok := e.tok.EOS(); ok {
		ids = append(ids, eos)
	}
	return ids
}
