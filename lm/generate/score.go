package generate

import (
	"context"
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/lora"
)

// Score returns for each completion the natural logarithms of the probabilities
// that the model gives to its tokens after the prompt, over the whole vocabulary.
// Their sum is the completion's. The prompt and all completions are computed
// together, the prompt once.
func (s *Session) Score(ctx context.Context, prompt []int32, completions [][]int32, a *lora.Adapter) ([][]float64, error) {
	if err := s.texts.check(prompt); err != nil {
		return nil, err
	}
	if len(completions) == 0 {
		return nil, nil
	}
	logprobs := make([][]float64, len(completions))
	for i, c := range completions {
		if err := s.texts.check(c); err != nil {
			return nil, fmt.Errorf("completion %d: %w", i, err)
		}
		if n := len(prompt) + len(c) - 1; n > s.dec.Capacity() {
			return nil, fmt.Errorf("completion %d: %w", i, tooLong(n, s.dec.Capacity()))
		}
		logprobs[i] = make([]float64, len(c))
	}
	same, err := s.rewind(ctx, a, prompt, len(prompt)-1) // the last one's successors are the completions' first tokens
	if err != nil {
		return nil, err
	}
	tokens := prompt[same:]
	if err := s.dec.Score(ctx, a, tokens, completions, logprobs); err != nil {
		return nil, fmt.Errorf("generate: scoring pass of %d tokens and %d completions: %w", len(tokens), len(completions), err)
	}
	s.cached = append(s.cached, tokens...)
	for i, ls := range logprobs {
		for j, l := range ls {
			if math.IsNaN(l) {
				return nil, fmt.Errorf("completion %d: %w: token %d", i, ErrLogits, j)
			}
		}
	}
	return logprobs, nil
}
