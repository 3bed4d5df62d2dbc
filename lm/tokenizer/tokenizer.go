// Package tokenizer turns text into the token ids of a model and back. It knows byte-level byte-pair
// encoding (BPE) with the pre-tokenizers of GPT-2, SmolLM, Llama 3 and Qwen 2 to 3, and SentencePiece's BPE
// with byte fallback, which Llama 2 and Mistral have. FromGGUF builds a tokenizer from a GGUF file's
// metadata, FromJSON and Open from Hugging Face's tokenizer.json.
//
// Ids are equal to those of Hugging Face's tokenizers library; the tests compare them on stored
// strings of all kinds (../golden/tokens.py and ../golden/families.py).
//
// Text is data. Encode never yields a control token such as <|im_end|>, whatever the text says; only
// EncodeControl, meant for templates of our own, recognises them.
//
// # What comes back
//
// Decode gives text back byte for byte, valid UTF-8 or not, with these exceptions. A byte-level vocabulary
// need not hold all 256 bytes: SmolLM2's lacks 21 (six control characters and bytes that UTF-8 never or
// hardly ever uses), and as in Hugging Face's library such bytes vanish. Qwen's tokenizers normalise: text
// comes back in Unicode's form C. SentencePiece writes a space as "▁", so that this character comes back as
// a space.
//
// # SentencePiece's leading space
//
// These vocabularies have most words with a space before them, so a space is put before text that has
// none, and its id is part of the first word's. Where, depends on the file:
//
//   - the normalizer Prepend (Llama 2) and GGUF's add_space_prefix, which is true unless the file says
//     otherwise: before the text and after each control token, even where a space is there already;
//   - Metaspace with prepend_scheme "always": at the same places, unless a space is there;
//   - Metaspace with prepend_scheme "first" (Mistral): before the text only, unless it begins with a space
//     or a control token.
//
// A text is what one call is given: pieces between control tokens are joined before a space is put before
// them. EncodeContinuation is for text that goes on where another call ended.
package tokenizer

import (
	"errors"
	"strings"
	"sync"
)

var (
	// ErrUnsupported is returned for a tokenizer of a kind that this package does not implement. A
	// model fed with the ids of another tokenizer answers nonsense, so nothing is guessed.
	ErrUnsupported = errors.New("tokenizer: not supported")
	// ErrVocabulary is returned when tokens, types and merges contradict each other.
	ErrVocabulary = errors.New("tokenizer: malformed vocabulary")
)

const none = int32(-1)

// Tokenizer is a vocabulary with its merges. It does not change after its making; its methods may be
// called from several goroutines at once.
type Tokenizer struct {
	form    form
	tokens  [][]byte // what each token stands for, by id
	control controlTokens
	bytes   [256]int32       // the token of each single byte, or none
	chars   map[rune]int32   // the token of each character (SentencePiece)
	words   map[string]int32 // words that are taken as they are, or nil
	merges  map[pair]merge
	bos     int32
	eos     int32
	addsBOS bool
	addsEOS bool

	encoders sync.Pool // of *encoder, for AppendContinuation
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
// where a character is cut; ids outside the vocabulary stand for nothing. Where SentencePiece puts a space
// before text, one at the beginning is taken away, as Hugging Face's decoder does; Token keeps it.
func (t *Tokenizer) Decode(ids []int32) string {
	var out strings.Builder

	for _, id := range ids {
		out.Write(t.Token(id)) // never fails
	}

	if t.form.strip {
		return strings.TrimPrefix(out.String(), " ")
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
// method of this package adds it; see AddsBOS.
func (t *Tokenizer) BOS() (int32, bool) { return t.bos, t.bos != none }

// EOS returns the token with which the model ends its answer, and whether the file names one.
func (t *Tokenizer) EOS() (int32, bool) { return t.eos, t.eos != none }

// AddsBOS tells whether the model's makers begin every text with the BOS token, as those of Llama and Mistral
// do. A chat template writes the token itself.
func (t *Tokenizer) AddsBOS() bool { return t.addsBOS && t.bos != none }

// AddsEOS tells whether the model's makers end every text with the EOS token.
func (t *Tokenizer) AddsEOS() bool { return t.addsEOS && t.eos != none }

// Class returns the class with which transformers opens this tokenizer, such as "LlamaTokenizer": what a folder's
// settings say, or else what those of the models with this kind of tokenizer do.
func (t *Tokenizer) Class() string { return t.form.transformers }

// SentencePiece tells whether the vocabulary is one of SentencePiece's, not byte-level.
func (t *Tokenizer) SentencePiece() bool { return t.form.spaces }

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
	return t.encode(newEncoder(t, pieces), pieces)
}

// EncodeContinuation returns the ids of text as data that goes on after text which was encoded before, so
// that no space is put before it. Without SentencePiece's leading space it does what Encode does. The ids
// of two parts joined need not be those of the whole: merges do not cross.
func (t *Tokenizer) EncodeContinuation(text string) []int32 {
	pieces := []Piece{{Text: text}}
	encoder := newEncoder(t, pieces)
	encoder.begun, encoder.continues = true, true

	return t.encode(encoder, pieces)
}

func (t *Tokenizer) encode(encoder *encoder, pieces []Piece) []int32 {
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
