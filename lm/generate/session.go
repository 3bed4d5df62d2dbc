package generate

import (
	"context"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
)

// Decoder is a model with one key-value cache. After an error of Forward or Score the
// cache is as before the call.
type Decoder interface {
	// Capacity is how many tokens the cache holds.
	Capacity() int
	// Truncate keeps the first n tokens of the cache.
	Truncate(n int)
	// Forward appends tokens to the cache and writes the logits [vocabulary] of
	// the token after the last into dst.
	Forward(ctx context.Context, a *lora.Adapter, tokens []int32, dst []float32) error
	// Score appends tokens to the cache and writes for each position i with
	// labels[i] >= 0 the log probability of labels[i] as the next token into dst[i].
	Score(ctx context.Context, a *lora.Adapter, tokens, labels []int32, dst []float64) error
}

// Session generates with one cache. Prompts that begin alike, such as those of a
// task's steps, share the computed beginning. It is not safe for concurrent use.
type Session struct {
	dec      Decoder
	vocab    *Vocabulary
	anything *grammar.Grammar
	masks    *masks // of the last grammar

	cached  []int32 // the tokens in the cache
	adapter *lora.Adapter
	logits  []float32
}

// NewSession returns a session on an empty cache.
func NewSession(dec Decoder, vocab *Vocabulary) (*Session, error) {
	anything, err := grammar.Compile(grammar.Repeat(grammar.Except(), 0, grammar.Unlimited))
	if err != nil {
		return nil, fmt.Errorf("generate: free text: %w", err)
	}
	dec.Truncate(0)
	return &Session{
		dec:      dec,
		vocab:    vocab,
		anything: anything,
		logits:   make([]float32, len(vocab.texts)),
	}, nil
}

// Reset forgets the cached prompt.
func (s *Session) Reset() {
	s.dec.Truncate(0)
	s.cached = s.cached[:0]
}

// masksFor returns the masks of g, which are kept until another grammar comes.
func (s *Session) masksFor(g *grammar.Grammar) *masks {
	if s.masks == nil || s.masks.grammar != g {
		s.masks = newMasks(s.vocab, g)
	}
	return s.masks
}

func (s *Session) stops(more []int32) []int32 {
	if eos, ok := s.vocab.tok.EOS(); ok {
		more = append([]int32{eos}, more...)
	}
	var stops []int32
	for _, id := range more {
		if id >= 0 && int(id) < len(s.logits) && !slices.Contains(stops, id) {
			stops = append(stops, id)
		}
	}
	return stops
}

func (s *Session) check(prompt []int32) error {
	if len(prompt) == 0 {
		return fmt.Errorf("%w: it is empty", ErrPrompt)
	}
	for i, id := range prompt {
		if id < 0 || int(id) >= len(s.logits) {
			return fmt.Errorf("%w: token %d has id %d, the vocabulary has %d", ErrPrompt, i, id, len(s.logits))
		}
	}
	return nil
}

// forward brings the cache to exactly the target tokens, computing only what is
// not there yet and always the last one, and returns the logits after it and how
// many tokens it computed. The logits are valid until the next call.
func (s *Session) forward(ctx context.Context, a *lora.Adapter, target []int32) ([]float32, int, error) {
	same, err := s.rewind(ctx, a, target, len(target)-1)
	if err != nil {
		return nil, 0, err
	}
	if err := s.dec.Forward(ctx, a, target[same:], s.logits); err != nil {
		return nil, 0, fmt.Errorf("generate: forward pass of %d tokens: %w", len(target)-same, err)
	}
	s.cached = append(s.cached, target[same:]...)
	return s.logits, len(target) - same, nil
}

// rewind cuts the cache back to the beginning that it shares with target, at most
// that many tokens, and returns its length.
func (s *Session) rewind(ctx context.Context, a *lora.Adapter, target []int32, most int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("generate: stopped: %w", err)
	}
	if len(target) > s.dec.Capacity() {
		return 0, fmt.Errorf("%w: %d tokens, the cache holds %d", ErrContext, len(target), s.dec.Capacity())
	}
	if a != s.adapter {
		s.Reset()
		s.adapter = a
	}
	same := 0
	for same < len(s.cached) && same < most && s.cached[same] == target[same] {
		same++
	}
	s.dec.Truncate(same)
	s.cached = s.cached[:same]
	return same, nil
}
