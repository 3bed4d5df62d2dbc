package tokenizer_test

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/tokenizer"
)

// BenchmarkEncode encodes 100 kB of words and program text with each family, and what has no words: a
// script without spaces, one letter, and spaces.
func BenchmarkEncode(b *testing.B) {
	const size = 100_000

	for _, family := range []string{"smollm2", "llama2", "llama3_1", "qwen3", "mistral"} {
		var tok *tokenizer.Tokenizer
		if family == "smollm2" {
			tok = smollm(b)
		} else {
			tok = open(b, family)
		}

		generated := newTexts(b, tok)

		var words strings.Builder
		for words.Len() < size {
			words.WriteString(generated.sentence() + generated.code())
		}

		for _, text := range []struct{ name, text string }{
			{"words", words.String()},
			{"han", strings.Repeat("\u6f22\u5b57\u4eee\u540d\u4ea4\u6587", size/18)},
			{"letter", strings.Repeat("a", size)},
			{"spaces", strings.Repeat(" ", size)},
			{"decomposed", strings.Repeat("e\u0301a\u0316 ", size/7)},
			{"10x", strings.Repeat(words.String(), 10)},
		} {
			b.Run(family+"/"+text.name, func(b *testing.B) {
				b.SetBytes(int64(len(text.text)))
				b.ReportAllocs()

				for b.Loop() {
					tok.Encode(text.text)
				}
			})
		}
	}
}
