package generate

import (
	"context"
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/lora"
)

// Score returns for each completion the natural logarithms of the probabilities
// that the model gives to its tokens after the prompt, over the whole vocabulary.
// Their sum is the completion's. The prompt is computed once, each completion in
// one pass.
func (s *Session) Score(ctx context.Context, prompt []int32, completions [][]int32, a *lora.Adapter) ([][]float64, error) {
	if err := s.texts.check(prompt); err != nil {
		return nil, err
	}
	out := make([][]float64, len(completions))
	for i, c := range completions {
		if err := s.texts.check(c); err != nil {
			return nil, fmt.Errorf("completion %d: %w", i, err)
		}
		var err error
		if out[i], err = s.score(ctx, prompt, c, a); err != nil {
			return nil, fmt.Errorf("completion %d: %w", i, err)
		}
	}
	return out, nil
}

func (s *Session) score(ctx context.Context, prompt, completion []int32, a *lora.Adapter) ([]float64, error) {
	last := len(prompt) - 1 // its successor is the completion's first token
	target := append(append([]int32{}, prompt...), completion[:len(completion)-1]...)
	same, err := s.rewind(ctx, a, target, last)
	if err != nil {
		return nil, err
	}
	labels := make([]int32, len(target)-same)
	for i := range labels[:last-same] {
		labels[i] = -1
	}
	copy(labels[last-same:], completion)
	logprobs := make([]float64, len(labels))
	if err := s.dec.Score(ctx, a, target[same:], labels, logprobs); err != nil {
		return nil, fmt.Errorf("generate: scoring pass of %d tokens: %w", len(labels), err)
	}
	s.cached = append(s.cached, target[same:]...)
	logprobs = logprobs[last-same:]
	for i, l := range logprobs {
		if math.IsNaN(l) {
			return nil, fmt.Errorf("%w: token %d", ErrLogits, i)
		}
	}
	return logprobs, nil
}
