package generate

import (
	"bytes"
	"fmt"
	"slices"
)

// Tokenizer is what generation needs of a tokenizer; *tokenizer.Tokenizer is one.
type Tokenizer interface {
	// Size is the number of token ids, which run from 0.
	Size() int
	// Token returns the bytes that a token stands for.
	Token(id int32) []byte
	// IsSpecial tells whether a token has a meaning of its own and is never text.
	IsSpecial(id int32) bool
	// Encode splits text in the canonical way, special tokens not recognised.
	Encode(text string) []int32
	// EOS returns the token that ends a turn, and whether there is one.
	EOS() (int32, bool)
}

// Vocabulary is a tokenizer's texts in the order of their bytes, for walking them
// beside an automaton. It is immutable and safe for concurrent use. Of tokens with
// equal texts only the lowest id is kept.
type Vocabulary struct {
	tok      Tokenizer
	texts    [][]byte // by id; nil for a token that is never text
	nodes    []trieNode
	alphabet [256]bool // bytes that are tokens by themselves
	single   [256]int32
	longest  int // bytes of the longest token
}

// trieNode is a node of the prefix tree of all texts, listed in preorder: a node
// is followed by its children's subtrees, and end is the index after them.
type trieNode struct {
	id    int32 // the token whose text ends here, or -1
	end   int32
	depth int32 // bytes from the root; a root's child has 1
	b     byte
}

// NewVocabulary reads all texts of a tokenizer. Only bytes that are tokens by
// themselves can be written later, so that no text is begun which the vocabulary
// cannot finish.
func NewVocabulary(tok Tokenizer) (*Vocabulary, error) {
	v := &Vocabulary{tok: tok, texts: make([][]byte, tok.Size())}
	var ids []int32
	for id := range int32(tok.Size()) {
		t := tok.Token(id)
		if len(t) == 0 || tok.IsSpecial(id) {
			continue
		}
		v.texts[id] = t
		ids = append(ids, id)
		v.longest = max(v.longest, len(t))
		if len(t) == 1 && !v.alphabet[t[0]] {
			v.alphabet[t[0]], v.single[t[0]] = true, id
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("generate: none of the vocabulary's %d tokens has a text", tok.Size())
	}
	slices.SortStableFunc(ids, func(a, b int32) int { return bytes.Compare(v.texts[a], v.texts[b]) })
	v.build(ids)
	return v, nil
}

// build makes the tree from the ids in the order of their texts.
func (v *Vocabulary) build(ids []int32) {
	var last []byte
	var path []int32 // nodes from the root's child to the last text's end
	for _, id := range ids {
		t := v.texts[id]
		if bytes.Equal(t, last) {
			continue
		}
		same := 0
		for same < len(last) && same < len(t) && last[same] == t[same] {
			same++
		}
		v.close(path[same:])
		path = path[:same]
		for i := same; i < len(t); i++ {
			path = append(path, int32(len(v.nodes)))
			v.nodes = append(v.nodes, trieNode{id: -1, depth: int32(i + 1), b: t[i]})
		}
		v.nodes[path[len(path)-1]].id = id
		last = t
	}
	v.close(path)
}

func (v *Vocabulary) close(path []int32) {
	for _, n := range path {
		v.nodes[n].end = int32(len(v.nodes))
	}
}

// below returns the span of nodes strictly below the node that text leads to;
// empty when there is none.
func (v *Vocabulary) below(text []byte) (from, to int32) {
	from, to = 0, int32(len(v.nodes))
	for _, c := range text {
		n := from
		for n < to && v.nodes[n].b != c {
			n = v.nodes[n].end
		}
		if n >= to {
			return 0, 0
		}
		from, to = n+1, v.nodes[n].end
	}
	return from, to
}

// canonical splits text, and reports false when the tokens do not write exactly
// that text, as where it ends inside a character.
func (v *Vocabulary) canonical(text []byte) ([]int32, bool) {
	ids := v.tok.Encode(string(text))
	rest := text
	for _, id := range ids {
		t := v.texts[id]
		if len(t) == 0 || !bytes.HasPrefix(rest, t) {
			return nil, false
		}
		rest = rest[len(t):]
	}
	return ids, len(rest) == 0
}
