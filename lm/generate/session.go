package generate

import (
	"context"
	"fmt"

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
	// Score appends tokens, at least one, to the cache and writes the log
	// probabilities of each completion's tokens after them into dst[i]. The
	// completions do not stay in the cache, but it has room for the longest.
	Score(ctx context.Context, a *lora.Adapter, tokens []int32, completions [][]int32, dst [][]float64) error
}

// Selective is a Decoder that can leave out the logits of tokens that cannot be
// chosen: where a grammar allows few, most of the output head's work.
type Selective interface {
	Decoder
	// ForwardFor is Forward for some tokens only: dst[i] is the logit of
	// candidates[i]. These are all different, in any order.
	ForwardFor(ctx context.Context, a *lora.Adapter, tokens, candidates []int32, dst []float32) error
}

// fewCandidates is below how many candidates a decoder is asked for these alone. With
// more, picking rows of the head is no longer worth it: 1,024 of 49,152 take package
// model about as long as all.
const fewCandidates = 1024

// Session generates with one cache. Prompts that begin alike, such as those of a
// task's steps, share the computed beginning. It is not safe for concurrent use.
type Session struct {
	dec       Decoder
	selective Selective // dec, if it is one
	texts     *texts

	cached  []int32 // the tokens in the cache
	adapter *lora.Adapter
	logits  []float32 // [vocabulary]
	picked  []float32 // logits of candidates
}

// NewSession returns a session on an empty cache.
func NewSession(dec Decoder, vocab *Vocabulary) (*Session, error) {
	texts, err := newTexts(vocab, 1)
	if err != nil {
		return nil, err
	}
	dec.Truncate(0)
	s := &Session{dec: dec, texts: texts, logits: make([]float32, texts.size())}
	s.selective, _ = dec.(Selective)
	return s, nil
}

// Reset forgets the cached prompt.
func (s *Session) Reset() {
	s.dec.Truncate(0)
	s.cached = s.cached[:0]
}

// forward brings the cache to exactly the target tokens, computing only what is
// not there yet and always the last one, and returns the logits of the candidates
// for the token after it, and how many tokens it computed. The logits are valid
// until the next call.
func (s *Session) forward(ctx context.Context, a *lora.Adapter, target, candidates []int32) ([]float32, int, error) {
	same, err := s.rewind(ctx, a, target, len(target)-1)
	if err != nil {
		return nil, 0, err
	}
	tokens := target[same:]
	if s.selective != nil && len(candidates) < fewCandidates {
		if cap(s.picked) < fewCandidates {
			s.picked = make([]float32, fewCandidates)
		}
		s.picked = s.picked[:len(candidates)]
		err = s.selective.ForwardFor(ctx, a, tokens, candidates, s.picked)
	} else if err = s.dec.Forward(ctx, a, tokens, s.logits); err == nil {
		s.picked = pick(s.picked, s.logits, candidates)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("generate: forward pass of %d tokens: %w", len(tokens), err)
	}
	s.cached = append(s.cached, tokens...)
	return s.picked, len(tokens), nil
}

// pick gathers the candidates' logits in room.
func pick(room, logits []float32, candidates []int32) []float32 {
	room = room[:0]
	for _, id := range candidates {
		room = append(room, logits[id])
	}
	return room
}

// rewind cuts the cache back to the beginning that it shares with target, at most
// that many tokens, and returns its length.
func (s *Session) rewind(ctx context.Context, a *lora.Adapter, target []int32, most int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("generate: stopped: %w", err)
	}
	if len(target) > s.dec.Capacity() {
		return 0, tooLong(len(target), s.dec.Capacity())
	}
	if a != s.adapter {
		s.Reset()
		s.adapter = a
	}
	same := shared(s.cached, target, most)
	s.dec.Truncate(same)
	s.cached = s.cached[:same]
	return same, nil
}

// shared returns with how many tokens a and b begin alike, at most that many.
func shared(a, b []int32, most int) int {
	n := 0
	for n < len(a) && n < len(b) && n < most && a[n] == b[n] {
		n++
	}
	return n
}
