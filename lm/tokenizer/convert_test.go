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

// hugging is the part of a tokenizer.json that a GGUF file has too.
type hugging struct {
	Added []struct {
		ID      int32  `json:"id"`
		Content string `json:"content"`
		Special bool   `json:"special"`
	} `json:"added_tokens"`
	Model struct {
		Vocab  map[string]int32 `json:"vocab"`
		Merges []any            `json:"merges"`
	} `json:"model"`
}

// converted returns a vocabulary of the cache by way of GGUF, as llama.cpp converts it.
func converted(t testing.TB, name string, settings map[string]any) *tokenizer.Tokenizer {
	t.Helper()

	content, err := os.ReadFile(filepath.Join(golden.VocabularyPath(t, name), "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}

	var h hugging
	if err := json.Unmarshal(content, &h); err != nil {
		t.Fatal(err)
	}

	tokens := slices.Repeat([]string{""}, len(h.Model.Vocab))
	for text, id := range h.Model.Vocab {
		tokens[id] = text
	}

	types := slices.Repeat([]int32{1}, len(tokens))

	for _, added := range h.Added {
		if int(added.ID) == len(tokens) {
			tokens, types = append(tokens, ""), append(types, 0)
		}

		tokens[added.ID], types[added.ID] = added.Content, 4
		if added.Special {
			types[added.ID] = 3
		}
	}

	// What models with more rows than tokens are filled up with.
	tokens, types = append(tokens, "[PAD]"), append(types, 5)

	merges := make([]string, len(h.Model.Merges))
	scores := make([]float32, len(tokens))

	for rank, merge := range h.Model.Merges {
		switch merge := merge.(type) {
		case string:
			merges[rank] = merge
		case []any:
			merges[rank] = merge[0].(string) + " " + merge[1].(string)
		}

		// The score of a token is the rank of its first merge: a SentencePiece file has only scores.
		if id, ok := h.Model.Vocab[strings.Replace(merges[rank], " ", "", 1)]; ok && scores[id] == 0 {
			scores[id] = float32(-1 - rank)
		}
	}

	metadata := map[string]any{"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": types}

	if settings["tokenizer.ggml.model"] == "llama" {
		metadata["tokenizer.ggml.scores"] = scores
		types[0] = 2

		for i := range 256 {
			types[3+i] = 6
		}
	} else {
		metadata["tokenizer.ggml.merges"] = merges
	}

	maps.Copy(metadata, settings)

	tok, err := build(t, metadata)
	if err != nil {
		t.Fatal(err)
	}

	if last := int32(len(tokens) - 1); tok.Token(last) != nil || tok.IsSpecial(last) || tok.Size() != len(tokens) {
		t.Error("a filler stands for something")
	}

	return tok
}

// changed returns a vocabulary of the cache whose tokenizer.json has other members.
func changed(t testing.TB, name string, members map[string]json.RawMessage) *tokenizer.Tokenizer {
	t.Helper()

	content, err := os.ReadFile(filepath.Join(golden.VocabularyPath(t, name), "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}

	var file map[string]json.RawMessage
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}

	maps.Copy(file, members)

	tok, err := tokenizer.FromJSON(marshal(t, file))
	if err != nil {
		t.Fatal(err)
	}

	return tok
}

// A SentencePiece vocabulary gives the same ids from its scores as from its merges, whichever way spaces
// are put before text.
func TestScores(t *testing.T) {
	t.Parallel()

	const replace = `{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}`

	for name, test := range map[string]struct {
		space      bool
		normalizer string
	}{
		"with a space":    {true, `{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, ` + replace + `]}`},
		"without a space": {false, replace},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			scored := converted(t, "mistral", map[string]any{"tokenizer.ggml.model": "llama", "tokenizer.ggml.add_space_prefix": test.space})
			merged := changed(t, "mistral", map[string]json.RawMessage{"normalizer": json.RawMessage(test.normalizer), "pre_tokenizer": nil})
			same(t, merged, scored)
		})
	}
}
