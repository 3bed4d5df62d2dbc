// Package generate writes completions with a language model: greedily or drawn at
// random, inside a grammar, one after the other with the key-value cache kept from
// one prompt to the next (Session), or several at once (Batch).
//
// # What is said is always what the tokenizer would have written
//
// A model is trained on completions that the tokenizer split in its one canonical
// way. So after every choice the completion so far is tokenised anew, as far back
// as what follows can matter (the tokenizer tells, see Incremental), and
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
	"time"
)

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
	// ErrOption is returned for an option with an unusable value.
	ErrOption = errors.New("generate: unusable option")
	// ErrLogits is returned when the model answers with something that is not a
	// number for every token that could be chosen.
	ErrLogits = errors.New("generate: the model's logits are not numbers")
)

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

// Generate writes one completion of the prompt. Equal calls give equal completions:
// what is drawn at random depends on Options.Sampling.Seed alone. When ctx ends,
// Generate returns ctx's error, between two tokens or, as far as the decoder watches
// it too, inside of a forward pass; the session stays usable.
func (s *Session) Generate(ctx context.Context, prompt []int32, opts Options) (Result, error) {
	c, err := s.texts.begin(prompt, opts)
	if err != nil {
		return Result{}, err
	}
	for {
		more, err := c.advance()
		if err != nil {
			return Result{}, err
		}
		if !more {
			return c.result(), nil
		}
		began := time.Now()
		target := c.target()
		logits, computed, err := s.forward(ctx, opts.Adapter, target, c.candidates)
		if err != nil {
			return Result{}, err
		}
		c.count(len(target), computed, time.Since(began))
		if err := c.accept(logits); err != nil {
			return Result{}, err
		}
	}
}
