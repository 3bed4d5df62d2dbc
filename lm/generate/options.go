package generate

import (
	"fmt"
	"math"

	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
)

// DefaultMaxTokens is the length limit of a completion when Options names none.
const DefaultMaxTokens = 256

// Options are the settings of one completion. The zero value writes any text and
// always takes the most probable token.
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
	// Sampling says how a token is chosen among the allowed ones.
	Sampling Sampling
	// Alternatives is how many of the most probable tokens each Choice of the result
	// lists; 0 lists none.
	Alternatives int
}

// maxAlternatives keeps the search for the most probable tokens short.
const maxAlternatives = 100

// Validate returns an error that wraps ErrOption and names field and value.
func (o Options) Validate() error {
	switch {
	case o.MaxTokens < 0:
		return fmt.Errorf("%w: MaxTokens is %d, want 0 for the default or a positive number", ErrOption, o.MaxTokens)
	case o.Alternatives < 0 || o.Alternatives > maxAlternatives:
		return fmt.Errorf("%w: Alternatives is %d, want 0 to %d", ErrOption, o.Alternatives, maxAlternatives)
	}
	return o.Sampling.Validate()
}

// Sampling says how a token is chosen. The zero value is greedy: the most probable
// token, of equals the one with the lowest id.
//
// With a Temperature, the candidates are narrowed first and heated last, in the
// order of llama.cpp's default chain (top-k, top-p, min-p, temperature), so that
// which tokens can come does not depend on the temperature. (transformers heats
// first, so that its top-p keeps more tokens the hotter it is.) With l the logits of
// the tokens that the grammar allows, and p = softmax(l):
//
//  1. TopK keeps the k most probable tokens (Fan et al. 2018).
//  2. TopP keeps the fewest most probable of these whose share of their sum is at
//     least TopP (Holtzman et al. 2020, "nucleus sampling").
//  3. MinP keeps those of them with p >= MinP·max(p) (Nguyen et al. 2024).
//  4. One is drawn with probabilities softmax(l / Temperature) over what is left.
//
// Each choice takes one number of a PCG generator (O'Neill 2014) seeded with Seed,
// and goes through the candidates until their sum exceeds it. Equal seeds, prompts
// and options give equal texts on the same machine; elsewhere the logits can be
// rounded differently.
type Sampling struct {
	Temperature float64 // 0 or more; 0 is greedy, and the rest has no meaning
	TopK        int     // 0 keeps all
	TopP        float64 // in [0, 1]; 0 and 1 keep all
	MinP        float64 // in [0, 1]; 0 keeps all
	Seed        uint64
}

// Validate returns an error that wraps ErrOption and names field and value.
func (s Sampling) Validate() error {
	switch {
	case !(s.Temperature >= 0) || math.IsInf(s.Temperature, 1):
		return fmt.Errorf("%w: Temperature is %v, want a number of 0 or more", ErrOption, s.Temperature)
	case s.TopK < 0:
		return fmt.Errorf("%w: TopK is %d, want 0 for all or a positive number", ErrOption, s.TopK)
	case !(s.TopP >= 0 && s.TopP <= 1):
		return fmt.Errorf("%w: TopP is %v, want a number from 0 to 1", ErrOption, s.TopP)
	case !(s.MinP >= 0 && s.MinP <= 1):
		return fmt.Errorf("%w: MinP is %v, want a number from 0 to 1", ErrOption, s.MinP)
	}
	return nil
}
