// Package tokenizer turns text into the token ids of a model and back: byte-level byte-pair encoding
// (BPE) as in GPT-2, built from a GGUF file's metadata.
//
// Ids are equal to those of Hugging Face's tokenizers library; the tests compare them on stored
// strings of all kinds (../golden/tokens.py).
//
// Text is data. Encode never yields a control token such as <|im_end|>, whatever the text says; only
// EncodeControl, meant for templates of our own, recognises them.
//
// A byte-level vocabulary need not hold all 256 bytes: SmolLM2's lacks 21 (six control characters and
// bytes that UTF-8 never or hardly ever uses). As in Hugging Face's library, such bytes vanish. Every
// other text, valid UTF-8 or not, comes back from Decode byte for byte.
package tokenizer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/lm/gguf"
)

var (
	// ErrUnsupported is returned for a tokenizer of a kind that this package does not implement. A
	// model fed with the ids of another tokenizer answers nonsense, so nothing is guessed.
	ErrUnsupported = errors.New("tokenizer: not supported")
	// ErrVocabulary is returned when tokens, types and merges contradict each other.
	ErrVocabulary = errors.New("tokenizer: malformed vocabulary")
)

// The metadata keys under which GGUF keeps a tokenizer.
//
//nolint:gosec // no credentials
const (
	keyModel  = "tokenizer.ggml.model"
	keySplit  = "tokenizer.ggml.pre"
	keyTokens = "tokenizer.ggml.tokens"
	keyTypes  = "tokenizer.ggml.token_type"
	keyMerges = "tokenizer.ggml.merges"
	keyBOS    = "tokenizer.ggml.bos_token_id"
	keyEOS    = "tokenizer.ggml.eos_token_id"
)

// The token types that matter here (llama.cpp's llama_token_type).
const (
	typeControl     = 3
	typeUserDefined = 4
)

const none = int32(-1)

// Tokenizer is a vocabulary with its merges. It does not change after its making; its methods may be
// called from several goroutines at once.
type Tokenizer struct {
	tokens  [][]byte // what each token stands for, by id
	control controlTokens
	bytes   [256]int32 // the token of each single byte, or none
	merges  map[pair]merge
	split   splitter
	bos     int32
	eos     int32
}

// FromGGUF builds the tokenizer that the file's metadata describes. Only byte-level BPE
// (tokenizer.ggml.model "gpt2") with a known pre-tokenizer is accepted; the file may be closed afterwards.
func FromGGUF(f *gguf.File) (*Tokenizer, error) {
	model, err := f.String(keyModel)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	if model != "gpt2" {
		return nil, fmt.Errorf("%w: %s is %q, only byte-level BPE (\"gpt2\") is implemented", ErrUnsupported, keyModel, model)
	}

	split, err := splitterOf(f)
	if err != nil {
		return nil, err
	}

	vocabulary, err := readVocabulary(f)
	if err != nil {
		return nil, err
	}

	t := &Tokenizer{split: split}
	if err := t.build(vocabulary); err != nil {
		return nil, err
	}

	if t.bos, err = t.optionalID(f, keyBOS); err != nil {
		return nil, err
	}

	if t.eos, err = t.optionalID(f, keyEOS); err != nil {
		return nil, err
	}

	return t, nil
}

// Size returns the number of tokens; ids run from 0 to Size()-1.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Token returns the bytes that a token stands for, which need not be whole characters; nil if there is
// no such id. The caller must not change them.
func (t *Tokenizer) Token(id int32) []byte {
	if id < 0 || int(id) >= len(t.tokens) {
		return nil
	}

	return t.tokens[id]
}

// Decode returns the text that the ids stand for, control tokens by their names. It is not valid UTF-8
// where a character is cut; ids outside the vocabulary stand for nothing.
func (t *Tokenizer) Decode(ids []int32) string {
	var out strings.Builder

	for _, id := range ids {
		out.Write(t.Token(id)) // never fails
	}

	return out.String()
}

// Special returns the id of the control token of that name, such as "<|im_end|>", and whether there is one.
func (t *Tokenizer) Special(name string) (int32, bool) {
	id, ok := t.control.ids[name]

	return id, ok
}

// IsSpecial tells whether id is a control token.
func (t *Tokenizer) IsSpecial(id int32) bool {
	return t.control.has[id]
}

// BOS returns the token that the model's makers put before a text, and whether the file names one. No
// method of this package adds it.
func (t *Tokenizer) BOS() (int32, bool) { return t.bos, t.bos != none }

// EOS returns the token with which the model ends its answer, and whether the file names one.
func (t *Tokenizer) EOS() (int32, bool) { return t.eos, t.eos != none }

// Encode returns the ids of text as data: what looks like a control token is encoded as the characters
// it consists of.
func (t *Tokenizer) Encode(text string) []int32 {
	return t.EncodePieces([]Piece{{Text: text}})
}

// EncodeControl returns the ids of text in which the names of control tokens stand for these tokens.
// Never give it text from a screen or a user.
func (t *Tokenizer) EncodeControl(text string) []int32 {
	return t.EncodePieces([]Piece{{Text: text, Control: true}})
}

// Piece is a part of a text.
type Piece struct {
	Text string
	// Control tells that names of control tokens in Text stand for these tokens. A name that only
	// begins or ends in the piece is data.
	Control bool
}

// EncodePieces returns the ids of the pieces joined to one text: only control tokens separate what is
// encoded together, so that the ids do not depend on where data is cut into pieces.
func (t *Tokenizer) EncodePieces(pieces []Piece) []int32 {
	encoder := newEncoder(t, pieces)

	for _, piece := range pieces {
		rest := piece.Text

		for piece.Control && rest != "" {
			before, id, after := t.control.cut(rest)
			if id == none {
				break
			}

			encoder.data(before)
			encoder.control(id)

			rest = after
		}

		encoder.data(rest)
	}

	return encoder.finish()
}

func (t *Tokenizer) optionalID(f *gguf.File, key string) (int32, error) {
	id, err := f.Uint(key)
	if errors.Is(err, gguf.ErrMissing) {
		return none, nil
	}

	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}

	if id >= uint64(len(t.tokens)) {
		return none, fmt.Errorf("%w: %s is %d, the vocabulary has %d tokens", ErrVocabulary, key, id, len(t.tokens))
	}

	return int32(id), nil
}
