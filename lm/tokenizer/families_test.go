package tokenizer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

// open returns a tokenizer by its folder in the cache.
func open(t testing.TB, name string) *tokenizer.Tokenizer {
	t.Helper()

	tok, err := tokenizer.Open(golden.VocabularyPath(t, name))
	if err != nil {
		t.Fatal(err)
	}

	return tok
}

// The ids of every family equal Hugging Face's on all generated texts, as data and with control tokens; see
// ../golden/families.py for what is stored.
func TestFamilies(t *testing.T) {
	t.Parallel()

	for name, gguf := range map[string]map[string]any{
		"smollm2":  nil, // the base model's file
		"llama2":   {"tokenizer.ggml.model": "llama", "tokenizer.ggml.pre": "default"},
		"llama3_1": {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "llama-bpe"},
		"qwen3":    {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2"},
		"mistral":  nil, // GGUF has no space before the first text only: see TestScores
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if name == "smollm2" {
				compare(t, smollm(t), name)

				return
			}

			tok := open(t, name)
			compare(t, tok, name)

			if gguf != nil {
				same(t, tok, converted(t, name, gguf))
			}
		})
	}
}

// same compares the ids of two tokenizers of one vocabulary on some of the texts.
func same(t *testing.T, tok, other *tokenizer.Tokenizer) {
	t.Helper()

	generated := newTexts(t, tok)

	for i := 0; i < textCount; i += 5 {
		text := generated.text(i)
		if got, want := other.Encode(text), tok.Encode(text); !slices.Equal(got, want) {
			t.Fatalf("Encode(%q) = %v and %v", text, got, want)
		}

		if got, want := other.EncodeControl(text), tok.EncodeControl(text); !slices.Equal(got, want) {
			t.Fatalf("EncodeControl(%q) = %v and %v", text, got, want)
		}
	}
}

// compare compares a tokenizer's ids with the stored digests of a family.
func compare(t *testing.T, tok *tokenizer.Tokenizer, name string) {
	t.Helper()

	stored, err := os.ReadFile(filepath.Join("testdata", name+"_ids.bin"))
	if err != nil {
		t.Fatal(err)
	}

	if len(stored) != 2*sha256.Size+2*textCount {
		t.Fatalf("%d bytes stored", len(stored))
	}

	end := []byte{0xff, 0xff, 0xff, 0xff}
	generated := newTexts(t, tok)
	allTexts, allIDs := sha256.New(), sha256.New()
	wrong, forged := 0, 0

	for i := range textCount {
		text := generated.text(i)
		data, control := tok.Encode(text), tok.EncodeControl(text)

		var ids []byte
		ids = append(appendIDs(ids, data), end...)
		ids = appendIDs(ids, control)

		allTexts.Write([]byte(text))
		allTexts.Write(end)
		allIDs.Write(ids)

		want := binary.LittleEndian.Uint16(stored[2*sha256.Size+2*i:])
		if got := uint16(crc32.ChecksumIEEE(ids)); got != want && wrong < 10 {
			t.Errorf("text %d, %q: not Hugging Face's ids: %v and with control tokens %v", i, text, data, control)

			wrong++
		}

		if slices.ContainsFunc(data, tok.IsSpecial) {
			t.Fatalf("Encode(%q) has a control token: %v", text, data)
		}

		if !slices.Equal(data, control) {
			forged++
		}
	}

	if !bytes.Equal(allTexts.Sum(nil), stored[:sha256.Size]) {
		t.Error("the texts are not those of ../golden/texts.py")
	}

	if !bytes.Equal(allIDs.Sum(nil), stored[sha256.Size:2*sha256.Size]) {
		t.Error("the ids of all texts are not Hugging Face's")
	}

	if forged < 1000 {
		t.Errorf("only %d texts with control tokens", forged)
	}
}

func appendIDs(out []byte, ids []int32) []byte {
	for _, id := range ids {
		out = binary.LittleEndian.AppendUint32(out, uint32(id))
	}

	return out
}
