package tokenizer_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

// Every way to treat spaces that a tokenizer.json can ask for gives Hugging Face's ids and texts.
func TestSpaces(t *testing.T) {
	t.Parallel()

	content, err := os.ReadFile(filepath.Join("testdata", "spaces.json"))
	if err != nil {
		t.Fatal(err)
	}

	var cases []struct {
		Members      map[string]json.RawMessage `json:"members"`
		IgnoreMerges bool                       `json:"ignore_merges"`
		Texts        []string                   `json:"texts"`
		IDs          [][]int32                  `json:"ids"`
		Decoded      []string                   `json:"decoded"`
	}

	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}

	original, err := os.ReadFile(filepath.Join(golden.VocabularyPath(t, "mistral"), "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}

	for _, c := range cases {
		var file, model map[string]json.RawMessage
		if err := json.Unmarshal(original, &file); err != nil {
			t.Fatal(err)
		}

		if err := json.Unmarshal(file["model"], &model); err != nil {
			t.Fatal(err)
		}

		maps.Copy(file, c.Members)

		if c.IgnoreMerges {
			model["ignore_merges"] = json.RawMessage("true")
			file["model"] = marshal(t, model)
		}

		tok, err := tokenizer.FromJSON(marshal(t, file))
		if err != nil {
			t.Fatal(err)
		}

		for i, text := range c.Texts {
			if got := tok.EncodeControl(text); !slices.Equal(got, c.IDs[i]) {
				t.Errorf("%s, ignore_merges %t: %q = %v, want %v", marshal(t, c.Members), c.IgnoreMerges, text, got, c.IDs[i])
			}

			if got := tok.Decode(c.IDs[i]); got != c.Decoded[i] {
				t.Errorf("%s, ignore_merges %t: %v stands for %q, want %q", marshal(t, c.Members), c.IgnoreMerges, c.IDs[i], got, c.Decoded[i])
			}
		}
	}

	if len(cases) != 16 {
		t.Errorf("%d cases", len(cases))
	}
}

func marshal(t testing.TB, value any) []byte {
	t.Helper()

	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}

	return out
}

// A space is put before what a call is given, whichever pieces it is given in, and never before a
// continuation.
func TestLeadingSpace(t *testing.T) {
	t.Parallel()

	llama, mistral := open(t, "llama2"), open(t, "mistral")

	for _, test := range []struct {
		text            []tokenizer.Piece
		llama2, mistral string
	}{
		{nil, "", ""},
		{[]tokenizer.Piece{{Text: "the cat"}}, " the· cat", " the· cat"},
		{[]tokenizer.Piece{{Text: "the"}, {Text: ""}, {Text: " cat"}}, " the· cat", " the· cat"},
		{[]tokenizer.Piece{{Text: " the cat"}}, " · the· cat", " the· cat"},
		{[]tokenizer.Piece{{Text: "<s>", Control: true}, {Text: "the cat"}}, "<s>· the· cat", "<s>·the· cat"},
		{[]tokenizer.Piece{{Text: "the</s> cat", Control: true}}, " the·</s>· · cat", " the·</s>· cat"},
		{[]tokenizer.Piece{{Text: "<"}, {Text: "s>the", Control: true}}, " <·s·>·the", " <·s·>·the"},
	} {
		if got := spell(llama, llama.EncodePieces(test.text)); got != test.llama2 {
			t.Errorf("Llama 2: %v = %q, want %q", test.text, got, test.llama2)
		}

		if got := spell(mistral, mistral.EncodePieces(test.text)); got != test.mistral {
			t.Errorf("Mistral: %v = %q, want %q", test.text, got, test.mistral)
		}
	}

	for _, tok := range []*tokenizer.Tokenizer{llama, mistral} {
		for text, want := range map[string]string{"": "", "the cat": "the· cat", " the cat": " the· cat", "<s>": "<·s·>"} {
			if got := spell(tok, tok.EncodeContinuation(text)); got != want {
				t.Errorf("EncodeContinuation(%q) = %q, want %q", text, got, want)
			}
		}
	}

	qwen := open(t, "qwen3")
	if !slices.Equal(qwen.EncodeContinuation("the cat"), qwen.Encode("the cat")) {
		t.Error("a byte-level tokenizer has continuations of its own")
	}
}

// What is no UTF-8 becomes byte tokens, one each, and comes back.
func TestBrokenText(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"llama2", "llama3_1", "qwen3", "mistral"} {
		tok := open(t, name)
		generated := newTexts(t, tok)

		for i := range 2000 {
			text := generated.text(1000 + i)
			cut := []byte(text)

			for j := range cut {
				if generated.below(8) == 0 {
					cut[j] = byte(generated.below(256))
				}
			}

			want := string(cut)

			switch name {
			case "qwen3":
				want = tokenizer.NFC(want)
			case "llama2", "mistral":
				want = strings.ReplaceAll(want, "▁", " ")
			}

			if name == "mistral" {
				// A space that is there stands for the one that is put before.
				want = strings.TrimPrefix(want, " ")
			}

			if got := tok.Decode(tok.Encode(string(cut))); got != want {
				t.Fatalf("%s: %q came back as %q", name, cut, got)
			}
		}

		if got := spell(tok, tok.EncodeContinuation("a\xff\xe2\x82")); got != "a·\xff·\xe2\x82" && got != "a·\xff·\xe2·\x82" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
