// Package generate writes completions with a language model: greedily, inside a
// grammar, with the key-value cache kept from one prompt to the next.
//
// # What is said is always what the tokenizer would have written
//
// A model is trained on completions that the tokenizer split in its one canonical
// way. So after every choice the whole completion so far is tokenised anew, and
// if that differs from the tokens at hand, the cache is cut back and corrected in
// the next forward pass, at no extra one. Text that the grammar leaves no choice
// about ("forced") is appended without asking the model, and is computed
// together with the next pass that has a choice to make.
//
// At the end of forced text, a token might reach over into what the model is
// about to choose: after `go ` the model may know only the token ` left`. There
// the choice is moved back to before that token: every token that the grammar
// allows from there may be chosen (called token healing by others). How far is
// decided by the vocabulary itself: as far as any token of it could reach over.
//
// At a choice, every token is allowed whose bytes the grammar allows next.
// Tokens with a meaning of their own, such as the end of a turn, are never part
// of text; the end of the turn can be chosen where the text may end.
package generate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
)

// DefaultMaxTokens is the length limit of a completion when Options names none.
const DefaultMaxTokens = 256

var (
	// ErrUnsayable is returned when the grammar describes no text that can be made of
	// the vocabulary's bytes.
	ErrUnsayable = errors.New("generate: the grammar allows no text that the vocabulary can write")
	// ErrContext is returned when the prompt, or prompt and completion together,
	// are longer than the session's cache.
	ErrContext = errors.New("generate: longer than the context")
	// ErrPrompt is returned for a prompt that is empty or holds tokens that are not
	// in the vocabulary.
	ErrPrompt = errors.New("generate: unusable prompt")
	// ErrLogits is returned when the model answers with something that is not a
	// number for every token that could be chosen.
	ErrLogits = errors.New("generate: the model's logits are not numbers")
)

// Options are the settings of one completion. The zero value writes any text.
type Options struct {
	// Grammar describes the texts that may be written; nil allows all.
	Grammar *grammar.Grammar
	// MaxTokens ends the completion; 0 means DefaultMaxTokens.
	MaxTokens int
	// Adapter is added to the base model; nil adds nothing. Its elements must not
	// change between calls.
	Adapter *lora.Adapter
	// Stop are further tokens that end the completion, besides the tokenizer's own.
	Stop []int32
}

// Finish says why a completion ended.
type Finish uint8

const (
	// Complete means that the grammar allows nothing more.
	Complete Finish = iota + 1
	// Stopped means that the model chose to end the turn where the grammar allowed it.
	Stopped
	// Length means that MaxTokens was reached; the text may break off anywhere.
	Length
)

// String returns the name in lower case.
func (f Finish) String() string {
	switch f {
	case Complete:
		return "complete"
	case Stopped:
		return "stopped"
	case Length:
		return "length"
	}
	return fmt.Sprintf("Finish(%d)", uint8(f))
}

// Generate writes one completion of the prompt. It always takes the most probable
// allowed token (temperature 0; of equals the lowest id), so equal calls give
// equal completions. When ctx ends it returns ctx's error between two forward
// passes; the session stays usable.
func (s *Session) Generate(ctx context.Context, prompt []int32, opts Options) (Result, error) {
	began := time.Now()
	if opts.MaxTokens == 0 {
		opts.MaxTokens = DefaultMaxTokens
	}
	if opts.MaxTokens < 0 {
		return Result{}, fmt.Errorf("generate: max tokens is %d, want a positive number", opts.MaxTokens)
	}
	if err := s.check(prompt); err != nil {
		return Result{}, err
	}
	if opts.Grammar == nil {
		opts.Grammar = s.anything
	}
	w, err := newWriter(s.masksFor(opts.Grammar))
	if err != nil {
		return Result{}, err
	}
	run := &run{session: s, opts: opts, writer: w, stops: s.stops(opts.Stop)}
	if err := run.loop(ctx, prompt); err != nil {
		return Result{}, err
	}
	run.stats.Total = time.Since(began)
	return run.result(), nil
}

// run is one completion under way.
type run struct {
	session *Session
	opts    Options
	writer  *writer
	stops   []int32

	finish   Finish
	logprobs []float64 // of the choices, renormalised over what was allowed
	stats    Stats
}

func (r *run) loop(ctx context.Context, prompt []int32) error {
	w := r.writer
	for {
		w.extend()
		switch {
		case w.complete():
			r.finish = Complete
			return nil
		case len(w.ids) >= r.opts.MaxTokens:
			r.finish = Length
			return nil
		}
		allowed, ends := w.allowed()
		if id, only := allowed.only(); only && !ends {
			w.take(id)
			continue
		}
		logits, err := r.forward(ctx, prompt)
		if err != nil {
			return err
		}
		choice, err := choose(logits, allowed, r.endings(ends))
		if err != nil {
			return err
		}
		r.logprobs = append(r.logprobs, choice.logprob)
		if choice.stop {
			r.finish = Stopped
			return nil
		}
		w.take(choice.id)
		r.stats.Chosen++
	}
}

// forward returns the logits of the token after the prompt and the text so far.
func (r *run) forward(ctx context.Context, prompt []int32) ([]float32, error) {
	target := append(append(make([]int32, 0, len(prompt)+len(r.writer.ids)), prompt...), r.writer.ids...)
	began := time.Now()
	logits, computed, err := r.session.forward(ctx, r.opts.Adapter, target)
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	if r.stats.Forwards == 0 {
		r.stats.Reused = len(target) - computed
		r.stats.Prefill = took
		r.stats.Prefilled = computed
	} else {
		r.stats.Decode += took
		r.stats.Decoded += computed
	}
	r.stats.Forwards++
	return logits, nil
}

func (r *run) endings(ends bool) []int32 {
	if ends {
		return r.stops
	}
	return nil
}

func (r *run) result() Result {
	res := Result{
		Text:       string(r.writer.text[:r.writer.cut]),
		Tokens:     r.writer.ids,
		Finish:     r.finish,
		Confidence: 1,
		Stats:      r.stats,
	}
	res.Stats.Forced = max(0, len(res.Tokens)-r.stats.Chosen)
	sum := 0.0
	for _, l := range r.logprobs {
		sum += l
		res.MinLogprob = min(res.MinLogprob, l)
	}
	if n := len(r.logprobs); n > 0 {
		res.MeanLogprob = sum / float64(n)
		res.Confidence = math.Exp(sum)
	}
	return res
}
