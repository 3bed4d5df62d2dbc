package tokenizer

import (
	"strings"
)

// blank is how SentencePiece writes a space.
const blank = "▁"

// form is what happens to text before its words are merged.
type form struct {
	nfc    bool     // Unicode's normalisation form C
	spaces bool     // SentencePiece: symbols are characters, a space is "▁", bytes are for unknown characters
	prefix prefix   // a space before the text
	strip  bool     // Decode takes one leading space away
	split  splitter // nil for none; build puts one there that changes no id

	transformers string // class of tokenizers with this form
}

// prefix tells when a space is put before text that stands between control tokens or at the ends.
type prefix uint8

const (
	prefixNever  prefix = iota
	prefixAlways        // Hugging Face's normalizer Prepend, and llama.cpp's add_space_prefix
	prefixSpaced        // Metaspace with prepend_scheme "always": unless a space is there
	prefixFirst         // Metaspace with prepend_scheme "first": as prefixSpaced, at the beginning of everything
)

// applies tells whether a space is put before text; begun, whether something stands before it.
func (p prefix) applies(text string, begun bool) bool {
	spaced := text != "" && isBlank(text)

	switch p {
	case prefixAlways:
		return true
	case prefixSpaced:
		return !spaced
	case prefixFirst:
		return !spaced && !begun
	default:
		return false
	}
}

// splitNothing leaves text whole.
func splitNothing(text string) int { return len(text) }

// splitBlanks begins a word at every space (Metaspace with split).
func splitBlanks(text string) int {
	for i := range text {
		if i > 0 && isBlank(text[i:]) {
			return i
		}
	}

	return len(text)
}

// splitRuns begins a word at every space that follows something else.
func splitRuns(text string) int {
	after := true // a space, or nothing

	for i := range text {
		blank := isBlank(text[i:])
		if blank && !after {
			return i
		}

		after = blank
	}

	return len(text)
}

// splitWhole returns how to split text that Hugging Face's tokenizer leaves whole. Llama 2 and Mistral have
// no token with a space after something else, so no merge crosses there, and short words are merged faster.
func splitWhole(v vocabulary) splitter {
	for i, text := range v.tokens {
		if v.kinds[i] == normal && splitRuns(text) != len(text) {
			return splitNothing
		}
	}

	return splitRuns
}

// isBlank tells whether text begins with a space.
func isBlank(text string) bool {
	return text[0] == ' ' || strings.HasPrefix(text, blank)
}
