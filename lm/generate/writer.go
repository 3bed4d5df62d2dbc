package generate

import (
	"slices"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// writer is the completion so far: its text, where that stands in the grammar,
// and the tokens that are settled.
type writer struct {
	*masks
	text   []byte
	states []grammar.State // states[i] is the state after i bytes
	floor  int             // bytes up to the end of the last taken token
	ids    []int32         // tokens of text[:cut]
	cut    int             // the next choice is made after so many bytes
}

func newWriter(m *masks) (*writer, error) {
	start := m.automaton.Start()
	if start == grammar.Dead {
		return nil, ErrUnsayable
	}
	return &writer{masks: m, states: []grammar.State{start}}, nil
}

func (w *writer) push(c byte) {
	w.states = append(w.states, w.automaton.Step(w.states[len(w.text)], c))
	w.text = append(w.text, c)
}

// extend appends the text that is forced, tokenises the whole, and settles where
// the next choice is made.
func (w *writer) extend() {
	for {
		c, ok := w.automaton.Forced(w.states[len(w.text)])
		if !ok {
			break
		}
		w.push(c)
	}
	ids, ok := w.vocab.canonical(w.text)
	if !ok {
		ids = w.ids
		for _, c := range w.text[w.cut:] {
			ids = append(ids, w.vocab.single[c])
		}
	}
	ends := make([]int, 1, len(ids)+1) // ends[i] is where the first i tokens end
	for _, id := range ids {
		ends = append(ends, ends[len(ends)-1]+len(w.vocab.texts[id]))
	}
	n := len(ids)
	if !w.complete() {
		n = w.settled(ends)
	}
	w.ids, w.cut = ids[:n:n], ends[n]
}

// settled returns how many tokens no later text can change, as far as the
// vocabulary and the grammar tell, but at least those of the taken text.
func (w *writer) settled(ends []int) int {
	from := w.floor
	for {
		open := w.open(w.text, from, w.states[len(w.text)])
		n, exact := slices.BinarySearch(ends, open)
		if exact {
			return n
		}
		if ends[n-1] >= w.floor {
			return n - 1
		}
		from = ends[n] // that token began before the floor: it stays
	}
}

// complete reports whether the text cannot go on.
func (w *writer) complete() bool {
	return w.automaton.Complete(w.states[len(w.text)])
}

// allowed returns the tokens that can be chosen now, and whether the text can end
// instead.
func (w *writer) allowed() (*set, bool) {
	s := w.states[w.cut]
	return w.masks.allowed(s), w.automaton.Accepting(s)
}

// take appends a chosen token after the settled ones.
func (w *writer) take(id int32) {
	w.text, w.states = w.text[:w.cut], w.states[:w.cut+1]
	for _, c := range w.vocab.texts[id] {
		w.push(c)
	}
	w.floor = len(w.text)
	w.ids, w.cut = append(w.ids, id), len(w.text)
}
