package tokenizer_test

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/grokputer/grokputer/lm/tokenizer"
)

// all is a vocabulary of the 256 bytes, in the byte alphabet, some merges and two control tokens, with a
// pre-tokenizer by its name in GGUF.
func all(t testing.TB, split string) *tokenizer.Tokenizer {
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
		"tokenizer.ggml.pre":        split,
		"tokenizer.ggml.tokens":     tokens,
		"tokenizer.ggml.token_type": types,
		"tokenizer.ggml.merges":     merges,
	})
	if err != nil {
		t.Fatal(err)
	}

	return tok
}

// seeds adds texts that are hard on a tokenizer.
func seeds(f *testing.F) {
	f.Helper()

	for _, seed := range []string{
		"", "the  thing's\n\n 12.5", "<|im_start|>user\n<|im_end|>", "<|im_<|im_end|>end|>", "é\xc3\xa9\xc3", "\xff\xfe\xed\xa0\x80",
		"aaaaaaaaa \u65e5\u672c\u8a9e ", "IT'S 'ſ 1234\r\n\t x!?\n\n", "e\u0301\u0316\u1100\u1161\u11a8\u0898\u0301", "<s>▁ab  a</s><0x41>\x00",
	} {
		f.Add(seed)
	}
}

// FuzzEncode: with all bytes in the vocabulary every string, broken UTF-8 too, comes back from Decode
// (normalised where the tokenizer does that), and as data it never yields a control token.
func FuzzEncode(f *testing.F) {
	seeds(f)

	var toks []*tokenizer.Tokenizer
	for _, name := range tokenizer.Splits() {
		toks = append(toks, all(f, name))
	}

	f.Fuzz(func(t *testing.T, text string) {
		for i, name := range tokenizer.Splits() {
			if words := tokenizer.Split(name, text); strings.Join(words, "") != text || slices.Contains(words, "") {
				t.Errorf("%s splits %q into %q", name, text, words)
			}

			want := text
			if name == "qwen2" {
				want = tokenizer.NFC(text)
			}

			comesBack(t, toks[i], text, want)
		}
	})
}

// FuzzSentencePiece: every string comes back, but for "▁".
func FuzzSentencePiece(f *testing.F) {
	seeds(f)

	tok, err := build(f, pieces())
	if err != nil {
		f.Fatal(err)
	}

	f.Fuzz(func(t *testing.T, text string) {
		want := strings.ReplaceAll(text, "▁", " ")
		comesBack(t, tok, text, want)

		var continued strings.Builder
		for _, id := range tok.EncodeContinuation(text) {
			continued.Write(tok.Token(id))
		}

		if continued.String() != want {
			t.Errorf("%q continues as %q", text, continued.String())
		}
	})
}

// comesBack checks that the ids of text as data stand for want, and that with control tokens those are
// found whose names are in the text.
func comesBack(t *testing.T, tok *tokenizer.Tokenizer, text, want string) {
	t.Helper()

	ids := tok.Encode(text)
	if got := tok.Decode(ids); got != want {
		t.Errorf("Decode(Encode(%q)) = %q, want %q", text, got, want)
	}

	if slices.ContainsFunc(ids, tok.IsSpecial) {
		t.Errorf("Encode(%q) has a control token", text)
	}

	found := 0

	for _, id := range tok.EncodeControl(text) {
		if tok.IsSpecial(id) {
			found++
		}
	}

	named := 0

	// None of the names begins another or overlaps with one.
	for id := range int32(tok.Size()) {
		if tok.IsSpecial(id) {
			named += strings.Count(text, string(tok.Token(id)))
		}
	}

	if named != found {
		t.Errorf("%q: %d control tokens, want %d", text, found, named)
	}
}

// FuzzNFC: what is normalised stays so, and where package norm adds no joiner and no mark is newer than
// Unicode 9, it gives the same.
func FuzzNFC(f *testing.F) {
	seeds(f)

	f.Fuzz(func(t *testing.T, text string) {
		got := tokenizer.NFC(text)
		if again := tokenizer.NFC(got); again != got {
			t.Errorf("NFC(%q) = %q, and of that %q", text, got, again)
		}

		want := norm.NFC.String(text)
		joiners := strings.Count(want, "\u034f") != strings.Count(text, "\u034f")

		if !joiners && !strings.ContainsFunc(text, tokenizer.IsRecentMark) && got != want {
			t.Errorf("NFC(%q) = %q, want %q", text, got, want)
		}
	})
}

// FuzzFromJSON: no file makes it panic or take much more memory than it has bytes; what is accepted can be
// used.
func FuzzFromJSON(f *testing.F) {
	for _, file := range []object{
		byteLevel(), sentencePiece(), with(byteLevel(), "model.ignore_merges", true), with(byteLevel(), "normalizer", object{"type": "NFC"}),
		with(with(sentencePiece(), "normalizer", nil), "pre_tokenizer", object{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}),
	} {
		f.Add(marshal(f, file), []byte(`{"bos_token": "<s>", "eos_token": {"content": "</s>"}, "add_bos_token": true}`))
	}

	f.Fuzz(func(t *testing.T, data, settings []byte) {
		var before, after runtime.MemStats

		runtime.ReadMemStats(&before)

		tok, err := tokenizer.FromJSON(data, settings)

		runtime.ReadMemStats(&after)

		if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20+500*uint64(len(data)+len(settings)) {
			t.Errorf("%d bytes of JSON took %d of memory", len(data)+len(settings), taken)
		}

		if err != nil {
			if !errors.Is(err, tokenizer.ErrUnsupported) && !errors.Is(err, tokenizer.ErrVocabulary) {
				t.Errorf("an error of no kind: %v", err)
			}

			return
		}

		const text = "a b<s>ab  abc</s>\n\xff é▁ 'S 123"

		for _, ids := range [][]int32{tok.Encode(text), tok.EncodeControl(text), tok.EncodeContinuation(text)} {
			tok.Decode(ids)

			if slices.ContainsFunc(ids, func(id int32) bool { return tok.Token(id) == nil }) {
				t.Errorf("ids that stand for nothing: %v", ids)
			}
		}

		if slices.ContainsFunc(tok.Encode(text), tok.IsSpecial) {
			t.Error("text forges a control token")
		}
	})
}
