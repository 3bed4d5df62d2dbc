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
	split  splitter // never nil
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
	spaced := strings.HasPrefix(text, " ") || strings.HasPrefix(text, blank)

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

// splitNothing leaves text whole, as Llama 2 does: its merges may join anything.
func splitNothing(text string) int { return len(text) }

// splitBlanks begins a word at every space (Metaspace with split).
func splitBlanks(text string) int {
	for i := range text {
		if i > 0 && (text[i] == ' ' || strings.HasPrefix(text[i:], blank)) {
			return i
		}
	}

	return len(text)
}
