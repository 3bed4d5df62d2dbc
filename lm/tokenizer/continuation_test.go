package tokenizer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/tokenizer"
)

// Whatever text goes on with, what was settled keeps its ids, in every family.
func TestSettled(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"smollm2", "llama2", "llama3_1", "qwen3", "mistral"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tok := tokenizerOf(t, name)
			generated := newTexts(t, tok)
			sentencePiece := name == "llama2" || name == "mistral"
			settled := 0

			var ids []int32

			for i := range 2500 {
				text := generated.text(i) + strings.Repeat(" and "+generated.text(i+1), i%2)
				want := tok.EncodeContinuation(text)

				ids = tok.AppendContinuation(append(ids[:0], 7), []byte(text))
				if ids[0] != 7 || !slices.Equal(ids[1:], want) {
					t.Fatalf("AppendContinuation(%q) = %v, want %v", text, ids[1:], want)
				}

				for _, end := range []int{len(text) / 3, len(text) / 2, len(text) - 1, len(text)} {
					n := tok.Settled([]byte(text[:max(0, end)]))
					if n == 0 {
						continue
					}

					settled++

					if got := append(tok.EncodeContinuation(text[:n]), tok.EncodeContinuation(text[n:])...); !slices.Equal(got, want) {
						t.Fatalf("%q is split at %d, settled within %d bytes: %v, want %v", text, n, end, got, want)
					}
				}
			}

			if settled < 500 != sentencePiece || sentencePiece && settled > 0 {
				t.Errorf("%d beginnings were settled", settled)
			}
		})
	}
}

func tokenizerOf(t *testing.T, name string) *tokenizer.Tokenizer {
	t.Helper()

	if name == "smollm2" {
		return smollm(t)
	}

	return open(t, name)
}

// Encoding a growing text takes no new memory but for the text itself.
func TestAppendContinuationAllocations(t *testing.T) { // not parallel: it counts allocations
	tok, text := smollm(t), []byte("click the button that says \"Log in\" and wait 30")

	var ids []int32
	if got := testing.AllocsPerRun(50, func() { ids = tok.AppendContinuation(ids[:0], text) }); got > 1 {
		t.Errorf("%g allocations", got)
	}
}
