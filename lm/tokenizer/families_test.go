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

	for name, tokenizers := range map[string]func(testing.TB) []*tokenizer.Tokenizer{
		"smollm2":  func(t testing.TB) []*tokenizer.Tokenizer { return []*tokenizer.Tokenizer{smollm(t)} },
		"llama2":   func(t testing.TB) []*tokenizer.Tokenizer { return []*tokenizer.Tokenizer{open(t, "llama2")} },
		"llama3_1": func(t testing.TB) []*tokenizer.Tokenizer { return []*tokenizer.Tokenizer{open(t, "llama3_1")} },
		"qwen3":    func(t testing.TB) []*tokenizer.Tokenizer { return []*tokenizer.Tokenizer{open(t, "qwen3")} },
		"mistral":  func(t testing.TB) []*tokenizer.Tokenizer { return []*tokenizer.Tokenizer{open(t, "mistral")} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			for _, tok := range tokenizers(t) {
				compare(t, tok, name)
			}
		})
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
