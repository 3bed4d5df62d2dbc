package tokenizer

import "slices"

// Split returns the words into which the pre-tokenizer of that name in GGUF splits text.
func Split(name, text string) []string {
	var words []string

	for text != "" {
		n := families[name].form.split(text)
		words = append(words, text[:n])
		text = text[n:]
	}

	return words
}

// Splits returns the names of the pre-tokenizers that are not the same as another.
func Splits() []string {
	var names []string

	for name := range families {
		if name != "llama3" && name != "llama-v3" {
			names = append(names, name)
		}
	}

	return slices.Sorted(slices.Values(names))
}

// NFC is the normalizer of Qwen's tokenizers.
func NFC(text string) string { return nfc(text) }

// IsRecentMark tells whether a mark is newer than the normalizer's Unicode.
func IsRecentMark(char rune) bool { return isRecentMark(char) }
