package tokenizer_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

// example is one line of testdata/smollm2_tokens.jsonl.gz, made by ../golden/tokens.py.
type example struct {
	Text    string  `json:"text"`
	IDs     []int32 `json:"ids"`
	Control []int32 `json:"control"` // with control tokens, where that differs
}

func readGolden(t testing.TB) []example {
	t.Helper()

	file, err := os.Open(filepath.Join("testdata", "smollm2_tokens.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()

	content, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}

	var out []example

	lines := bufio.NewScanner(content)
	lines.Buffer(nil, 1<<20)

	for lines.Scan() {
		var g example
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}

		if g.Control == nil {
			g.Control = g.IDs
		}

		out = append(out, g)
	}

	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}

	return out
}

// smollm returns the base model's tokenizer.
func smollm(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()

	file, err := gguf.Open(golden.ModelPath(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()

	out, err := tokenizer.FromGGUF(file)
	if err != nil {
		t.Fatal(err)
	}

	return out
}

// Ids equal Hugging Face's, as data and with control tokens, and Decode gives the text back.
func TestGolden(t *testing.T) {
	t.Parallel()

	tok := smollm(t)
	cases := readGolden(t)

	if len(cases) < 5000 {
		t.Fatalf("only %d stored texts", len(cases))
	}

	forged, lossy := 0, 0

	for _, g := range cases {
		ids := tok.Encode(g.Text)
		if !slices.Equal(ids, g.IDs) {
			t.Fatalf("Encode(%q) =\n%v, want\n%v", g.Text, ids, g.IDs)
		}

		if slices.ContainsFunc(ids, tok.IsSpecial) {
			t.Fatalf("Encode(%q) has a control token: %v", g.Text, ids)
		}

		control := tok.EncodeControl(g.Text)
		if !slices.Equal(control, g.Control) {
			t.Fatalf("EncodeControl(%q) =\n%v, want\n%v", g.Text, control, g.Control)
		}

		if !slices.Equal(control, ids) {
			forged++
		}

		want := withoutMissing(g.Text)
		if want != g.Text {
			lossy++
		}

		for _, encoded := range [][]int32{ids, control} {
			if got := tok.Decode(encoded); got != want {
				t.Fatalf("Decode of %q = %q", g.Text, got)
			}
		}
	}

	// The stored texts must reach these cases, or the comparison says nothing about them.
	if forged < 200 || lossy < 10 {
		t.Errorf("%d texts with control tokens, %d with characters that the vocabulary lacks", forged, lossy)
	}
}

// withoutMissing drops the 21 bytes that SmolLM2's vocabulary lacks.
func withoutMissing(text string) string {
	const missing = "\x04\x06\x13\x14\x16\x1d\xc0\xc1\xf1\xf2\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff"

	var out strings.Builder

	for i := range len(text) {
		if strings.IndexByte(missing, text[i]) < 0 {
			out.WriteByte(text[i])
		}
	}

	return out.String()
}

// A tokenizer does not change: many goroutines get what one gets.
func TestConcurrent(t *testing.T) {
	t.Parallel()

	tok := smollm(t)
	cases := readGolden(t)[:1000]

	var group sync.WaitGroup

	for range 4 {
		group.Go(func() {
			for _, g := range cases {
				if ids := tok.Encode(g.Text); !slices.Equal(ids, g.IDs) {
					t.Errorf("Encode(%q) = %v, want %v", g.Text, ids, g.IDs)
				}
			}
		})
	}

	group.Wait()
}

func TestSmolLM2(t *testing.T) {
	t.Parallel()

	tok := smollm(t)

	if tok.Size() != 49152 {
		t.Errorf("Size() = %d", tok.Size())
	}

	bos, hasBOS := tok.BOS()
	eos, hasEOS := tok.EOS()
	end, hasEnd := tok.Special("<|im_end|>")

	if !hasBOS || !hasEOS || !hasEnd || bos != 1 || eos != 2 || end != 2 {
		t.Errorf("BOS %d %t, EOS %d %t, <|im_end|> %d %t", bos, hasBOS, eos, hasEOS, end, hasEnd)
	}

	special := 0

	for id := range int32(tok.Size()) {
		if tok.IsSpecial(id) {
			special++
		}

		if len(tok.Token(id)) == 0 {
			t.Errorf("token %d stands for nothing", id)
		}
	}

	if special != 17 {
		t.Errorf("%d control tokens, want 17", special)
	}
}
