package generate

import (
	"math/bits"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// set is a set of token ids.
type set struct {
	bits  []uint64
	count int
}

func (s *set) add(id int32) {
	s.bits[id/64] |= 1 << (id % 64)
	s.count++
}

// only returns the set's element if it has just one.
func (s *set) only() (int32, bool) {
	if s.count != 1 {
		return 0, false
	}
	for id := range s.each {
		return id, true
	}
	return 0, false
}

// each yields the ids, ascending.
func (s *set) each(yield func(int32) bool) {
	for i, w := range s.bits {
		for ; w != 0; w &= w - 1 {
			if !yield(int32(i*64 + bits.TrailingZeros64(w))) {
				return
			}
		}
	}
}

// masks joins a grammar to a vocabulary: which tokens may follow in which state.
type masks struct {
	vocab     *Vocabulary
	grammar   *grammar.Grammar
	automaton *grammar.Automaton
	sets      map[grammar.State]*set
	path      []grammar.State // scratch of walk, by depth
}

func newMasks(v *Vocabulary, g *grammar.Grammar) *masks {
	return &masks{
		vocab:     v,
		grammar:   g,
		automaton: g.Automaton(&v.alphabet),
		sets:      map[grammar.State]*set{},
		path:      make([]grammar.State, v.longest+1),
	}
}

// allowed returns the tokens whose text may follow in state s. The walk goes down
// the vocabulary's tree and the automaton together and leaves out what either
// does not know, so it is short where the grammar is narrow.
func (m *masks) allowed(s grammar.State) *set {
	if set, ok := m.sets[s]; ok {
		return set
	}
	out := &set{bits: make([]uint64, (len(m.vocab.texts)+63)/64)}
	m.walk(s, 0, int32(len(m.vocab.nodes)), func(id int32) bool {
		out.add(id)
		return true
	})
	m.sets[s] = out
	return out
}

// walk calls yield for each token in the nodes [from, to), siblings with all that
// is below them, whose bytes from there on may follow in state s.
func (m *masks) walk(s grammar.State, from, to int32, yield func(int32) bool) {
	if from >= to {
		return
	}
	above := m.vocab.nodes[from].depth - 1
	m.path[above] = s
	for n := from; n < to; {
		node := &m.vocab.nodes[n]
		next := m.automaton.Step(m.path[node.depth-1], node.b)
		if next == grammar.Dead {
			n = node.end
			continue
		}
		m.path[node.depth] = next
		if node.id >= 0 && !yield(node.id) {
			return
		}
		n++
	}
}

// open returns the first offset in text, not before from, at which a token could
// begin that reaches over the text's end, state s standing there; len(text) when
// there is none.
func (m *masks) open(text []byte, from int, s grammar.State) int {
	for o := max(from, len(text)-m.vocab.longest+1); o < len(text); o++ {
		over := false
		first, last := m.vocab.below(text[o:])
		m.walk(s, first, last, func(int32) bool {
			over = true
			return false
		})
		if over {
			return o
		}
	}
	return len(text)
}
