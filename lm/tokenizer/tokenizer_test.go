package tokenizer_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

// alphabet is the byte alphabet's first tokens that the small vocabulary has: "Ġ" is a space, "Ċ" a newline,
// "Ã" and "©" the bytes of "é", "ÿ" the byte 0xff.
func vocabulary() map[string]any {
	tokens := strings.Fields("<|end|> <|end|>> a b c ' s 1 Ġ Ċ Ã © ÿ < | e n d > ab abc Ġa aa é")
	tokens[len(tokens)-1] = "Ã©" // the token of "é" in the alphabet

	types := make([]int32, len(tokens))
	for i := range types {
		types[i] = 1
	}

	types[0], types[1] = 3, 4

	return map[string]any{
		"tokenizer.ggml.model":        "gpt2",
		"tokenizer.ggml.pre":          "smollm",
		"tokenizer.ggml.tokens":       tokens,
		"tokenizer.ggml.token_type":   types,
		"tokenizer.ggml.merges":       []string{"a b", "ab c", "Ġ a", "a a", "Ã ©"},
		"tokenizer.ggml.eos_token_id": uint32(0),
	}
}

// build makes a tokenizer from metadata, by way of a file.
func build(t testing.TB, metadata map[string]any) (*tokenizer.Tokenizer, error) {
	t.Helper()

	var w gguf.Writer

	for key, value := range metadata {
		if err := w.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}

	var content bytes.Buffer
	if _, err := w.WriteTo(&content); err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(t.TempDir(), "vocabulary.gguf")
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}

	file, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()

	return tokenizer.FromGGUF(file)
}

func small(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()

	tok, err := build(t, vocabulary())
	if err != nil {
		t.Fatal(err)
	}

	return tok
}

// spell joins the tokens' texts with "·".
func spell(tok *tokenizer.Tokenizer, ids []int32) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = string(tok.Token(id))
	}

	return strings.Join(parts, "·")
}

func TestEncode(t *testing.T) {
	t.Parallel()

	tok := small(t)

	for text, want := range map[string]string{
		"":             "",
		"abc":          "abc",
		"aab":          "a·ab", // "a b" comes before "a a"
		"aaa":          "aa·a", // of equal pairs the leftmost
		"aaaa":         "aa·aa",
		"é":            "é",
		"\xc3":         "\xc3", // half of it
		"a\xffb":       "a·\xff·b",
		" a":           " a",
		"  a":          " · a",
		" 1":           " ·1",
		"  11":         " · ·1·1",
		"a's":          "a·'·s", // no merge crosses the words "a" and "'s"
		"\n\na":        "\n·\n·a",
		"axb":          "ab", // no token for "x": it vanishes before the merges
		"<|end|>":      "<·|·e·n·d·|·>",
		"a<|end|>>":    "a·<·|·e·n·d·|·>·>",
		"<|e<|end|>n>": "<·|·e·<·|·e·n·d·|·>·n·>",
	} {
		if got := spell(tok, tok.Encode(text)); got != want {
			t.Errorf("Encode(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestEncodeControl(t *testing.T) {
	t.Parallel()

	tok := small(t)

	for text, want := range map[string]string{
		"<|end|>":          "<|end|>",
		"<|end|>>":         "<|end|>>", // the longest
		"a<|end|>b":        "a·<|end|>·b",
		"<|end|><|end|>":   "<|end|>·<|end|>",
		"<|end|":           "<·|·e·n·d·|",
		"<<|end|>a":        "<·<|end|>·a",
		"  <|end|>a":       " · ·<|end|>·a",
		"<|e<|end|>nd|>ab": "<·|·e·<|end|>·n·d·|·>·ab",
	} {
		if got := spell(tok, tok.EncodeControl(text)); got != want {
			t.Errorf("EncodeControl(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()

	tok := small(t)

	if _, ok := tok.BOS(); ok {
		t.Error("a BOS that the file does not name")
	}

	if id, ok := tok.EOS(); !ok || id != 0 {
		t.Errorf("EOS %d, %t", id, ok)
	}

	if id, ok := tok.Special("<|end|>>"); !ok || id != 1 || !tok.IsSpecial(id) {
		t.Errorf("Special: %d, %t", id, ok)
	}

	if _, ok := tok.Special("abc"); ok || tok.IsSpecial(2) {
		t.Error("a normal token is special")
	}

	for _, id := range []int32{-1, int32(tok.Size()), 1 << 30} {
		if tok.Token(id) != nil || tok.IsSpecial(id) || tok.Decode([]int32{id}) != "" {
			t.Errorf("there is no token %d", id)
		}
	}
}

func TestFromGGUFRefuses(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		key   string
		value any // nil takes the key away
		want  error
		says  string
	}{
		"no model":       {"tokenizer.ggml.model", nil, tokenizer.ErrVocabulary, "tokenizer.ggml.model"},
		"other model":    {"tokenizer.ggml.model", "bert", tokenizer.ErrUnsupported, `"bert"`},
		"no split":       {"tokenizer.ggml.pre", nil, tokenizer.ErrUnsupported, "pre-tokenizer"},
		"other split":    {"tokenizer.ggml.pre", "deepseek-llm", tokenizer.ErrUnsupported, `"deepseek-llm"`},
		"no tokens":      {"tokenizer.ggml.tokens", nil, tokenizer.ErrVocabulary, "tokens"},
		"tokens' type":   {"tokenizer.ggml.tokens", "abc", tokenizer.ErrVocabulary, "string"},
		"no merges":      {"tokenizer.ggml.merges", nil, tokenizer.ErrVocabulary, "merges"},
		"types' number":  {"tokenizer.ggml.token_type", []int32{1}, tokenizer.ErrVocabulary, "1 types"},
		"types' type":    {"tokenizer.ggml.token_type", []string{"x"}, tokenizer.ErrVocabulary, "string"},
		"token twice":    {"tokenizer.ggml.tokens", slices.Repeat([]string{"a"}, 24), tokenizer.ErrVocabulary, "twice"},
		"empty token":    {"tokenizer.ggml.tokens", slices.Repeat([]string{""}, 24), tokenizer.ErrVocabulary, "empty"},
		"merge of one":   {"tokenizer.ggml.merges", []string{"ab"}, tokenizer.ErrVocabulary, "merge 0"},
		"merge unknown":  {"tokenizer.ggml.merges", []string{"a b", "b z"}, tokenizer.ErrVocabulary, "merge 1"},
		"merge to none":  {"tokenizer.ggml.merges", []string{"b a"}, tokenizer.ErrVocabulary, "merge 0"},
		"merge twice":    {"tokenizer.ggml.merges", []string{"a b", "a b"}, tokenizer.ErrVocabulary, "merge 1"},
		"forging merge":  {"tokenizer.ggml.merges", []string{"<|end|> >"}, tokenizer.ErrVocabulary, "forge"},
		"EOS beyond":     {"tokenizer.ggml.eos_token_id", uint32(24), tokenizer.ErrVocabulary, "24"},
		"EOS's type":     {"tokenizer.ggml.eos_token_id", "0", tokenizer.ErrVocabulary, "eos"},
		"BOS's negative": {"tokenizer.ggml.bos_token_id", int32(-1), tokenizer.ErrVocabulary, "bos"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			metadata := vocabulary()
			metadata[test.key] = test.value

			if test.value == nil {
				delete(metadata, test.key)
			}

			_, err := build(t, metadata)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v; want %v that says %q", err, test.want, test.says)
			}
		})
	}
}

// pieces is a small SentencePiece vocabulary: "ab" and "▁ab" by their scores, and a user's own "|".
func pieces() map[string]any {
	tokens := []string{"<unk>", "<s>", "</s>"}
	types := []int32{2, 3, 3}

	for b := range 256 {
		tokens, types = append(tokens, fmt.Sprintf("<0x%02X>", b)), append(types, 6)
	}

	scores := slices.Repeat([]float32{0}, len(tokens))

	for i, token := range []string{"▁ab", "ab", "▁a", "▁▁", "▁", "a", "b", "|", "[PAD]"} {
		tokens, types, scores = append(tokens, token), append(types, 1), append(scores, float32(-i))
	}

	types[len(types)-2], types[len(types)-1] = 4, 5

	return map[string]any{
		"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": types,
		"tokenizer.ggml.scores": scores, "tokenizer.ggml.bos_token_id": uint32(1), "tokenizer.ggml.eos_token_id": uint32(2),
	}
}

func TestSentencePiece(t *testing.T) {
	t.Parallel()

	tok, err := build(t, pieces())
	if err != nil {
		t.Fatal(err)
	}

	for text, want := range map[string]string{
		"":          "",
		"ab":        " ab",
		"  ab":      "  · ab",
		"a b":       " a· ·b",
		"é":         " ·\xc3·\xa9",
		"<s>ab</s>": "<s>· ab·</s>",
		"a|b":       " a·|· ·b",
		"[PAD]":     " ·[·P·A·D·]",
		"<unk>":     "<unk>",
	} {
		if got := spell(tok, tok.EncodeControl(text)); got != want {
			t.Errorf("EncodeControl(%q) = %q, want %q", text, got, want)
		}
	}

	if !tok.AddsBOS() || tok.AddsEOS() {
		t.Errorf("adds BOS %t and EOS %t", tok.AddsBOS(), tok.AddsEOS())
	}

	metadata := pieces()
	metadata["tokenizer.ggml.add_space_prefix"] = false
	metadata["tokenizer.ggml.add_bos_token"] = false

	if tok, err = build(t, metadata); err != nil {
		t.Fatal(err)
	}

	if got := spell(tok, tok.Encode("ab a")); got != "ab· a" || tok.Decode(tok.Encode(" a")) != " a" || tok.AddsBOS() {
		t.Errorf("without a space: %q", got)
	}
}

func TestSentencePieceRefuses(t *testing.T) {
	t.Parallel()

	tokens, _ := pieces()["tokenizer.ggml.tokens"].([]string)
	count := len(tokens)

	for name, test := range map[string]struct {
		key   string
		value any
		want  error
		says  string
	}{
		"pre-tokenizer":    {"tokenizer.ggml.pre", "qwen2", tokenizer.ErrUnsupported, `"qwen2"`},
		"no scores":        {"tokenizer.ggml.scores", nil, tokenizer.ErrVocabulary, "scores"},
		"scores' number":   {"tokenizer.ggml.scores", []float32{1}, tokenizer.ErrVocabulary, "1 scores"},
		"no number":        {"tokenizer.ggml.scores", slices.Repeat([]float32{float32(math.NaN())}, count), tokenizer.ErrVocabulary, "NaN"},
		"equal scores":     {"tokenizer.ggml.scores", slices.Repeat([]float32{-1000}, count), tokenizer.ErrUnsupported, "-1000"},
		"types":            {"tokenizer.ggml.token_type", slices.Repeat([]int32{3}, count), tokenizer.ErrVocabulary, "▁"},
		"space's type":     {"tokenizer.ggml.add_space_prefix", "no", tokenizer.ErrVocabulary, "bool"},
		"BOS's type":       {"tokenizer.ggml.add_bos_token", uint32(1), tokenizer.ErrVocabulary, "bool"},
		"a byte is gone":   {"tokenizer.ggml.tokens", replaced(tokens, "<0x0A>", "x"), tokenizer.ErrUnsupported, "0x0A"},
		"a long token":     {"tokenizer.ggml.tokens", replaced(tokens, "ab", strings.Repeat("a", 600)), tokenizer.ErrVocabulary, "600 bytes"},
		"a token is there": {"tokenizer.ggml.tokens", replaced(tokens, "ab", "a"), tokenizer.ErrVocabulary, "twice"},
	} {
		metadata := pieces()
		metadata[test.key] = test.value

		if test.value == nil {
			delete(metadata, test.key)
		}

		if _, err := build(t, metadata); !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want %v that says %q", name, err, test.want, test.says)
		}
	}
}

func replaced(tokens []string, old, with string) []string {
	out := slices.Clone(tokens)
	out[slices.Index(out, old)] = with

	return out
}

// A file without token types has no control tokens, and the names of these are then plain tokens.
func TestNoTypes(t *testing.T) {
	t.Parallel()

	metadata := vocabulary()
	delete(metadata, "tokenizer.ggml.token_type")

	tok, err := build(t, metadata)
	if err != nil {
		t.Fatal(err)
	}

	if got := spell(tok, tok.EncodeControl("<|end|>a")); got != "<·|·e·n·d·|·>·a" {
		t.Errorf("EncodeControl = %q", got)
	}
}

// A single byte that is a control token cannot be had from text either.
func TestControlByte(t *testing.T) {
	t.Parallel()

	metadata := vocabulary()
	types, _ := metadata["tokenizer.ggml.token_type"].([]int32)
	types[7] = 3 // "1"

	tok, err := build(t, metadata)
	if err != nil {
		t.Fatal(err)
	}

	if got := spell(tok, tok.Encode("a1b")); got != "a·b" {
		t.Errorf("Encode = %q", got)
	}
}

// Where data is cut into pieces changes nothing; control tokens are found in control pieces only, and
// never across pieces.
func TestEncodePieces(t *testing.T) {
	t.Parallel()

	tok := small(t)

	for want, pieces := range map[string][]tokenizer.Piece{
		"":                        nil,
		"abc":                     {{Text: "a"}, {Text: "b", Control: true}, {}, {Text: "c"}},
		"é":                       {{Text: "\xc3"}, {Text: "\xa9"}},
		"a·<|end|>·ab":            {{Text: "a<|end|>a", Control: true}, {Text: "b"}},
		"<·|·e·n·d·|·>":           {{Text: "<|end|>"}},
		"<·|·e·n·d·|·>·a":         {{Text: "<|end", Control: true}, {Text: "|>"}, {Text: "a", Control: true}},
		"<|end|>·<·|·e·n·d·|·>·a": {{Text: "<|end|>", Control: true}, {Text: "<|end|>a"}},
		"<·|·<|end|>·e":           {{Text: "<|"}, {Text: "<|end|>e", Control: true}},
		"a·<|end|>·b·<|end|>":     {{Text: "a<|end|>b<|end|>", Control: true}},
	} {
		if got := spell(tok, tok.EncodePieces(pieces)); got != want {
			t.Errorf("EncodePieces(%+v) = %q, want %q", pieces, got, want)
		}
	}
}
