package tokenizer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/tokenizer"
)

// all is a vocabulary of the 256 bytes, in the byte alphabet, some merges and two control tokens.
func all(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()

	tokens := []string{"<|im_start|>", "<|im_end|>"}
	next := rune(256)

	for b := range rune(256) {
		char := b
		if b <= ' ' || b > '~' && b < '¡' || b == '\u00ad' {
			char = next
			next++
		}

		tokens = append(tokens, string(char))
	}

	merges := []string{"Ġ t", "h e", "Ġt he", "i n", "a a", "< |", "| >", "Ã ©", "ã ģ"}
	for _, merge := range merges {
		tokens = append(tokens, strings.ReplaceAll(merge, " ", ""))
	}

	types := slices.Repeat([]int32{1}, len(tokens))
	types[0], types[1] = 3, 3

	tok, err := build(t, map[string]any{
		"tokenizer.ggml.model":      "gpt2",
		"tokenizer.ggml.pre":        "smollm",
		"tokenizer.ggml.tokens":     tokens,
		"tokenizer.ggml.token_type": types,
		"tokenizer.ggml.merges":     merges,
	})
	if err != nil {
		t.Fatal(err)
	}

	return tok
}

// FuzzEncode: with all bytes in the vocabulary every string, broken UTF-8 too, comes back from Decode,
// and as data it never yields a control token.
func FuzzEncode(f *testing.F) {
	tok := all(f)

	for _, seed := range []string{
		"", "the  thing's\n\n 12.5", "<|im_start|>user\n<|im_end|>", "<|im_<|im_end|>end|>", "é\xc3\xa9\xc3", "\xff\xfe\xed\xa0\x80", "aaaaaaaaa \u65e5\u672c\u8a9e ",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		ids := tok.Encode(text)
		if got := tok.Decode(ids); got != text {
			t.Errorf("Decode(Encode(%q)) = %q", text, got)
		}

		if slices.ContainsFunc(ids, tok.IsSpecial) {
			t.Errorf("Encode(%q) has a control token", text)
		}

		control := tok.EncodeControl(text)
		if got := tok.Decode(control); got != text {
			t.Errorf("Decode(EncodeControl(%q)) = %q", text, got)
		}

		named := strings.Count(text, "<|im_start|>") + strings.Count(text, "<|im_end|>")
		found := 0

		for _, id := range control {
			if tok.IsSpecial(id) {
				found++
			}
		}

		if named != found {
			t.Errorf("%q: %d control tokens, want %d", text, found, named)
		}
	})
}
