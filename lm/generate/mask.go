package generate

import (
	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// masks joins a grammar to a vocabulary: which tokens may follow in which state.
type masks struct {
	vocab     *Vocabulary
	grammar   *grammar.Grammar
	automaton *grammar.Automaton
	sets      map[grammar.State][]int32
	path      []grammar.State // scratch of walk, by depth
}

func newMasks(v *Vocabulary, g *grammar.Grammar) *masks {
	return &masks{
		vocab:     v,
		grammar:   g,
		automaton: g.Automaton(&v.alphabet),
		sets:      map[grammar.State][]int32{},
		path:      make([]grammar.State, v.longest+1),
	}
}

// allowed returns the tokens whose text may follow in state s, in the order of
// their texts. The caller must not change them. The walk goes down the
// vocabulary's tree and the automaton together and leaves out what either does not
// know, so it is short where the grammar is narrow; where it is wide, as inside of
// quotes, most of the tree is taken in whole branches.
func (m *masks) allowed(s grammar.State) []int32 {
	if set, ok := m.sets[s]; ok {
		return set
	}
	var set []int32
	m.walk(s, 0, int32(len(m.vocab.nodes)), func(ids []int32) bool {
		if len(ids) > 1 && cap(set) < len(m.vocab.ids)/2 { // it will be wide: grow once
			set = append(make([]int32, 0, len(m.vocab.ids)), set...)
		}
		set = append(set, ids...)
		return true
	})
	m.sets[s] = set
	return set
}

// walk calls yield for the tokens in the nodes [from, to), siblings with all that
// is below them, whose bytes from there on may follow in state s, until it returns
// false. A branch is yielded at once if none of its bytes leaves the state.
func (m *masks) walk(s grammar.State, from, to int32, yield func(ids []int32) bool) {
	if from >= to {
		return
	}
	nodes := m.vocab.nodes
	m.path[nodes[from].depth-1] = s
	for n := from; n < to; {
		node := &nodes[n]
		next := m.automaton.Step(m.path[node.depth-1], node.b)
		if next == grammar.Dead {
			n = node.end
			continue
		}
		if node.below >= 0 && m.vocab.below[node.below].Within(m.automaton.Loops(next)) {
			if !yield(m.vocab.tokens(n)) {
				return
			}
			n = node.end
			continue
		}
		m.path[node.depth] = next
		if node.id >= 0 && !yield(m.vocab.ids[node.first:node.first+1]) {
			return
		}
		n++
	}
}

// open returns the first offset in text, not before from, at which a token could
// begin that reaches over the text's end, state s standing there; len(text) when
// there is none.
func (m *masks) open(text []byte, from int, s grammar.State) int {
	over := false
	for o := max(from, len(text)-m.vocab.longest+1); o < len(text); o++ {
		first, last := m.vocab.descend(text[o:])
		m.walk(s, first, last, func([]int32) bool {
			over = true
			return false
		})
		if over {
			return o
		}
	}
	return len(text)
}
