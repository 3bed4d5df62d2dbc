package tokenizer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// kind is what a token is for.
type kind uint8

const (
	normal  kind = iota
	control      // found by its name, never made of text
	filler       // an id without a token
)

// vocabulary is what a file says about tokens, whatever its format.
type vocabulary struct {
	tokens []string // as the file spells them, control tokens by name
	kinds  []kind   // of each token
	rules  []rule   // best first
	whole  bool     // a word that is a token is taken as it is, without merging (ignore_merges)
}

// build fills the tokenizer's tables.
func (t *Tokenizer) build(v vocabulary) error {
	if len(v.tokens) > math.MaxInt32 {
		return fmt.Errorf("%w: %d tokens", ErrVocabulary, len(v.tokens))
	}

	ids, err := t.addTokens(v)
	if err != nil {
		return err
	}

	if t.form.spaces {
		err = t.addCharacters(ids)
	} else {
		t.addBytes(ids)
	}

	if err != nil {
		return err
	}

	if v.whole {
		t.addWords(v)
	}

	switch {
	case t.form.split != nil:
	case v.whole:
		t.form.split = splitNothing
	default:
		t.form.split = splitWhole(v)
	}

	return t.addMerges(v.rules, ids)
}

// addTokens fills what each token stands for and the control tokens, and returns the ids by spelling.
func (t *Tokenizer) addTokens(v vocabulary) (map[string]int32, error) {
	alphabet := newByteAlphabet()
	ids := make(map[string]int32, len(v.tokens))
	names := make(map[string]int32)
	t.tokens = make([][]byte, len(v.tokens))

	for i, text := range v.tokens {
		if v.kinds[i] == filler {
			continue
		}

		if _, twice := ids[text]; twice || text == "" {
			return nil, fmt.Errorf("%w: token %d, %q, is empty or there twice", ErrVocabulary, i, text)
		}

		ids[text] = int32(i)

		switch {
		case v.kinds[i] == control:
			names[text] = int32(i)
			t.tokens[i] = []byte(text)
		case !t.form.spaces:
			t.tokens[i] = alphabet.bytes(text)
		default:
			t.tokens[i] = []byte(strings.ReplaceAll(text, blank, " "))
			if b, ok := byteToken(text); ok {
				t.tokens[i] = []byte{b}
			}
		}
	}

	t.control = newControlTokens(names)

	return ids, nil
}

// addBytes fills the tokens of single bytes in the byte alphabet.
func (t *Tokenizer) addBytes(ids map[string]int32) {
	alphabet := newByteAlphabet()

	for b := range t.bytes {
		t.bytes[b] = none
		if id, ok := ids[string(alphabet.char[b])]; ok && !t.control.has[id] {
			t.bytes[b] = id
		}
	}
}

// addCharacters fills the tokens of single characters, and those of bytes, of a SentencePiece vocabulary.
func (t *Tokenizer) addCharacters(ids map[string]int32) error {
	t.chars = make(map[rune]int32)

	for text, id := range ids {
		if char, width := utf8.DecodeRuneInString(text); width == len(text) && !t.control.has[id] {
			t.chars[char] = id
		}
	}

	space, ok := t.chars['▁']
	if !ok {
		return fmt.Errorf("%w: no token for %q, which a space becomes", ErrVocabulary, blank)
	}

	t.chars[' '] = space

	for b := range t.bytes {
		id, ok := ids[fmt.Sprintf("<0x%02X>", b)]
		if !ok || t.control.has[id] {
			return fmt.Errorf("%w: no token for the byte 0x%02X: byte fallback with fewer than 256 bytes", ErrUnsupported, b)
		}

		t.bytes[b] = id
	}

	return nil
}

// addWords fills the words that are tokens as they stand. A byte token is none, unlike in Hugging Face's
// library, to which the text "<0x41>" would be an A.
func (t *Tokenizer) addWords(v vocabulary) {
	t.words = make(map[string]int32, len(v.tokens))

	for id, text := range t.tokens {
		_, isByte := byteToken(v.tokens[id])
		isByte = isByte && t.form.spaces

		if v.kinds[id] == normal && !isByte {
			t.words[string(text)] = int32(id)
		}
	}
}

// byteToken returns the byte that a SentencePiece token such as "<0x0A>" stands for, and whether it does.
func byteToken(text string) (byte, bool) {
	digits, ok := strings.CutPrefix(text, "<0x")
	digits, closed := strings.CutSuffix(digits, ">")

	if !ok || !closed || len(digits) != 2 || digits != strings.ToUpper(digits) {
		return 0, false
	}

	b, err := strconv.ParseUint(digits, 16, 8)

	return byte(b), err == nil
}
