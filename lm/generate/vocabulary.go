package generate

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// Tokenizer is what generation needs of a tokenizer; *tokenizer.Tokenizer is one.
type Tokenizer interface {
	// Size is the number of token ids, which run from 0.
	Size() int
	// Token returns the bytes that a token stands for.
	Token(id int32) []byte
	// IsSpecial tells whether a token has a meaning of its own and is never text.
	IsSpecial(id int32) bool
	// EncodeContinuation splits text, which goes on after a prompt, in the canonical
	// way, special tokens not recognised.
	EncodeContinuation(text string) []int32
	// EOS returns the token that ends a turn, and whether there is one.
	EOS() (int32, bool)
}

// Incremental is a Tokenizer that need not read a text anew whenever it grows.
// Without it, a completion is tokenised whole after each choice.
type Incremental interface {
	Tokenizer
	// Settled returns how much of the text's beginning no later text can change: for
	// every c, the tokens of text+c are those of text[:n], then those of text[n:]+c.
	Settled(text []byte) int
	// AppendContinuation appends the ids that EncodeContinuation returns.
	AppendContinuation(ids []int32, text []byte) []int32
}

// Vocabulary is a tokenizer's texts in the order of their bytes, for walking them
// beside an automaton. It is immutable and safe for concurrent use. Of tokens with
// equal texts only one can be chosen: that which the tokenizer splits the text into,
// or else the one with the lowest id.
type Vocabulary struct {
	tok      Tokenizer
	growing  Incremental // tok, if it is one
	texts    [][]byte    // by id; nil for a token that is never text
	ids      []int32     // of the tokens in the tree, in the order of their texts
	nodes    []trieNode
	below    []grammar.Bytes
	roots    [256]int32 // the root's children by their bytes, or -1
	alphabet [256]bool  // bytes that are tokens by themselves
	single   [256]int32
	longest  int // bytes of the longest token
}

// NewVocabulary reads all texts of a tokenizer. Only bytes that are tokens by
// themselves can be written later, so that no text is begun which the vocabulary
// cannot finish.
func NewVocabulary(tok Tokenizer) (*Vocabulary, error) {
	v := &Vocabulary{tok: tok, texts: make([][]byte, tok.Size())}
	v.growing, _ = tok.(Incremental)
	var ids []int32
	for id := range int32(tok.Size()) {
		t := tok.Token(id)
		if len(t) == 0 || tok.IsSpecial(id) {
			continue
		}
		v.texts[id] = t
		ids = append(ids, id)
		v.longest = max(v.longest, len(t))
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("generate: none of the vocabulary's %d tokens has a text", tok.Size())
	}
	ids = v.distinct(v.sorted(ids))
	for _, id := range ids {
		if t := v.texts[id]; len(t) == 1 {
			v.alphabet[t[0]], v.single[t[0]] = true, id
		}
	}
	v.build(ids)
	return v, nil
}

// distinct keeps one of equal texts, which stand next to each other. SentencePiece's
// vocabularies have two tokens for a letter: the letter's and its byte's.
func (v *Vocabulary) distinct(ids []int32) []int32 {
	out := ids[:0]
	for i := 0; i < len(ids); {
		kept, t := ids[i], v.texts[ids[i]]
		end := i + 1
		for end < len(ids) && bytes.Equal(v.texts[ids[end]], t) {
			end++
		}
		if end > i+1 {
			if c := v.tok.EncodeContinuation(string(t)); len(c) == 1 && slices.Contains(ids[i:end], c[0]) {
				kept = c[0]
			}
		}
		out = append(out, kept)
		i = end
	}
	return out
}

// sorted returns the ids in the order of their texts, equal ones by ids. Most are
// told apart by their first eight bytes as one number.
func (v *Vocabulary) sorted(ids []int32) []int32 {
	type keyed struct {
		key uint64
		id  int32
	}
	order := make([]keyed, len(ids))
	for i, id := range ids {
		var b [8]byte
		copy(b[:], v.texts[id])
		order[i] = keyed{binary.BigEndian.Uint64(b[:]), id}
	}
	slices.SortFunc(order, func(a, b keyed) int {
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		if c := bytes.Compare(v.texts[a.id], v.texts[b.id]); c != 0 {
			return c
		}
		return cmp.Compare(a.id, b.id)
	})
	for i, k := range order {
		ids[i] = k.id
	}
	return ids
}

// canonical appends the canonical tokens of text, and reports false when they do
// not write exactly that text, as where it ends inside a character.
func (v *Vocabulary) canonical(ids []int32, text []byte) ([]int32, bool) {
	first := len(ids)
	if v.growing != nil {
		ids = v.growing.AppendContinuation(ids, text)
	} else {
		ids = append(ids, v.tok.EncodeContinuation(string(text))...)
	}
	for _, id := range ids[first:] {
		t := v.texts[id]
		if len(t) == 0 || !bytes.HasPrefix(text, t) {
			return ids, false
		}
		text = text[len(t):]
	}
	return ids, len(text) == 0
}

// settled returns how much of the text's beginning keeps its tokens, whatever
// follows.
func (v *Vocabulary) settled(text []byte) int {
	if v.growing == nil {
		return 0
	}
	return v.growing.Settled(text)
}
