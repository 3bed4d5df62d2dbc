package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/grokputer/grokputer/lm/gguf"
)

// vocabulary is the metadata as the file has it.
type vocabulary struct {
	tokens []string // normal tokens in the byte alphabet, control tokens by name
	types  []int64  // of each token; empty if the file does not say
	merges []string // "left right", best first
}

func readVocabulary(f *gguf.File) (vocabulary, error) {
	var v vocabulary

	var err error

	if v.tokens, err = f.Strings(keyTokens); err != nil {
		return v, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	if v.types, err = f.Ints(keyTypes); err != nil && !errors.Is(err, gguf.ErrMissing) {
		return v, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	if v.merges, err = f.Strings(keyMerges); err != nil {
		return v, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	if len(v.types) != 0 && len(v.types) != len(v.tokens) || len(v.tokens) > math.MaxInt32 {
		return v, fmt.Errorf("%w: %d tokens and %d types", ErrVocabulary, len(v.tokens), len(v.types))
	}

	return v, nil
}

// build fills the tokenizer's tables.
func (t *Tokenizer) build(v vocabulary) error {
	alphabet := newByteAlphabet()
	ids := make(map[string]int32, len(v.tokens))
	control := make(map[string]int32)
	t.tokens = make([][]byte, len(v.tokens))

	for i, text := range v.tokens {
		if _, twice := ids[text]; twice || text == "" {
			return fmt.Errorf("%w: token %d, %q, is empty or there twice", ErrVocabulary, i, text)
		}

		ids[text] = int32(i)
		t.tokens[i] = alphabet.bytes(text)

		if len(v.types) != 0 && (v.types[i] == typeControl || v.types[i] == typeUserDefined) {
			control[text] = int32(i)
			t.tokens[i] = []byte(text)
		}
	}

	t.control = newControlTokens(control)

	for b := range t.bytes {
		t.bytes[b] = none
		if id, ok := ids[string(alphabet.char[b])]; ok && !t.control.has[id] {
			t.bytes[b] = id
		}
	}

	t.merges = make(map[pair]merge, len(v.merges))

	for rank, text := range v.merges {
		left, right, ok := strings.Cut(text, " ")
		l, hasLeft := ids[left]
		r, hasRight := ids[right]
		joined, hasJoined := ids[left+right]

		if !ok || !hasLeft || !hasRight || !hasJoined {
			return fmt.Errorf("%w: merge %d, %q, is not of two tokens into a third", ErrVocabulary, rank, text)
		}

		if t.control.has[joined] {
			return fmt.Errorf("%w: merge %d, %q, makes a control token: text could forge it", ErrVocabulary, rank, text)
		}

		if _, twice := t.merges[pair{l, r}]; twice {
			return fmt.Errorf("%w: merge %d, %q, is there twice", ErrVocabulary, rank, text)
		}

		t.merges[pair{l, r}] = merge{rank: int32(rank), id: joined}
	}

	return nil
}

// byteAlphabet is GPT-2's way to write any byte as a printable character (bytes_to_unicode in
// openai/gpt-2's encoder.py): printable Latin-1 stands for itself, the others, in order, for U+0100 on.
type byteAlphabet struct {
	char [256]rune
	byte map[rune]byte
}

func newByteAlphabet() byteAlphabet {
	a := byteAlphabet{byte: make(map[rune]byte, 256)}
	next := rune(256)

	for b := range a.char {
		if b >= '!' && b <= '~' || b >= '¡' && b <= '¬' || b >= '®' && b <= 'ÿ' {
			a.char[b] = rune(b)
		} else {
			a.char[b] = next
			next++
		}

		a.byte[a.char[b]] = byte(b)
	}

	return a
}

// bytes returns the bytes that a token's text stands for. A token that is not written in the alphabet,
// such as a filler, stands for its own text.
func (a byteAlphabet) bytes(text string) []byte {
	out := make([]byte, 0, utf8.RuneCountInString(text))

	for _, char := range text {
		b, ok := a.byte[char]
		if !ok {
			return []byte(text)
		}

		out = append(out, b)
	}

	return out
}
