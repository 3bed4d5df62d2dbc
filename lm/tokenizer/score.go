package tokenizer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// longestPiece bounds what finding the merges of one SentencePiece token costs, which is quadratic in its
// length. SentencePiece makes tokens of at most 16 characters unless told otherwise.
const longestPiece = 512

// rulesOf derives the merges of a SentencePiece vocabulary, which only has scores: wherever a token can be
// cut in two tokens these merge, the token of the highest score first, the cuts in the order of their ids.
// That is the order of the merges in the tokenizer.json of Llama 2 and Mistral (SentencePieceExtractor in
// Hugging Face's convert_slow_tokenizer.py).
func rulesOf(v vocabulary, scores []float64) ([]rule, error) {
	if len(scores) != len(v.tokens) {
		return nil, fmt.Errorf("%w: %d tokens and %d scores", ErrVocabulary, len(v.tokens), len(scores))
	}

	ids := make(map[string]int32, len(v.tokens))
	order := make([]int32, 0, len(v.tokens))

	for i, text := range v.tokens {
		if _, isByte := byteToken(text); isByte || v.kinds[i] != normal {
			continue
		}

		if math.IsNaN(scores[i]) || len(text) > longestPiece {
			return nil, fmt.Errorf("%w: token %d has the score %v and %d bytes", ErrVocabulary, i, scores[i], len(text))
		}

		ids[text] = int32(i)
		order = append(order, int32(i))
	}

	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(scores[b], scores[a]) })

	if n := len(order); n > 1 && scores[order[0]] == scores[order[n-1]] {
		return nil, fmt.Errorf("%w: all scores are %v, so they do not tell which merge comes first", ErrUnsupported, scores[order[0]])
	}

	var rules []rule

	for _, id := range order {
		rules = append(rules, cuts(v.tokens[id], ids)...)
	}

	return rules, nil
}

// cuts returns the pairs of tokens that a token can be cut into.
func cuts(text string, ids map[string]int32) []rule {
	var out []rule

	for i := range text {
		if _, ok := ids[text[:i]]; !ok {
			continue
		}

		if _, ok := ids[text[i:]]; ok {
			out = append(out, rule{text[:i], text[i:]})
		}
	}

	slices.SortFunc(out, func(a, b rule) int {
		return cmp.Or(cmp.Compare(ids[a.left], ids[b.left]), cmp.Compare(ids[a.right], ids[b.right]))
	})

	return out
}
