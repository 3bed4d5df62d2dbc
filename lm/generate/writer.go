package generate

import (
	"slices"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// writer is the completion so far: its text, where that stands in the grammar,
// and its tokens.
type writer struct {
	*masks
	text   []byte
	states []grammar.State // states[i] is the state after i bytes
	floor  int             // bytes up to the end of the last taken token: they stay
	ids    []int32         // tokens of text[:cut]
	ends   []int           // ends[i] is where the first i of them end
	cut    int             // the next choice is made after so many bytes

	// The first fixed tokens are canonical whatever follows.
	fixed int
	tail  []int32 // scratch of extend
}

func newWriter(m *masks) (*writer, error) {
	start := m.automaton.Start()
	if start == grammar.Dead {
		return nil, ErrUnsayable
	}
	return &writer{masks: m, states: []grammar.State{start}, ends: []int{0}}, nil
}

func (w *writer) push(c byte) {
	w.states = append(w.states, w.automaton.Step(w.states[len(w.text)], c))
	w.text = append(w.text, c)
}

// extend appends the text that is forced, tokenises what is not fixed yet, and
// settles where the next choice is made.
func (w *writer) extend() {
	for {
		c, ok := w.automaton.Forced(w.states[len(w.text)])
		if !ok {
			break
		}
		w.push(c)
	}
	w.fix()
	from := w.ends[w.fixed]
	tail, ok := w.vocab.canonical(w.tail[:0], w.text[from:])
	if w.tail = tail; ok {
		w.keep(w.fixed)
	} else { // as they were, and the new bytes by themselves
		tail = tail[:0]
		for _, c := range w.text[w.cut:] {
			tail = append(tail, w.vocab.single[c])
		}
		w.tail = tail
	}
	for _, id := range tail {
		w.add(id)
	}
	if !w.complete() {
		w.keep(w.settled())
	}
	w.cut = w.ends[len(w.ids)]
}

// fix moves the fixed tokens up to where no later text can change them. Only taken
// text counts: forced text may still be cut off.
func (w *writer) fix() {
	from := w.ends[w.fixed]
	settled := from + w.vocab.settled(w.text[from:w.floor])
	if settled == from {
		return
	}
	tail, ok := w.vocab.canonical(w.tail[:0], w.text[from:settled])
	if w.tail = tail; !ok {
		return
	}
	// What is already there need not be written again, unless it is other tokens.
	n := w.fixed
	for len(tail) > 0 && n < len(w.ids) && w.ids[n] == tail[0] {
		n, tail = n+1, tail[1:]
	}
	w.fixed = n
	if len(tail) == 0 {
		return
	}
	w.keep(n)
	for _, id := range tail {
		w.add(id)
	}
	w.fixed = len(w.ids)
	w.cut = w.ends[w.fixed]
}

// add appends a token, whose text stands there.
func (w *writer) add(id int32) {
	w.ids = append(w.ids, id)
	w.ends = append(w.ends, w.ends[len(w.ends)-1]+len(w.vocab.texts[id]))
}

// keep cuts the tokens back to the first n.
func (w *writer) keep(n int) { w.ids, w.ends = w.ids[:n], w.ends[:n+1] }

// settled returns how many tokens no later text can change, as far as the
// vocabulary and the grammar tell, but at least those of the taken text.
func (w *writer) settled() int {
	from := w.floor
	for {
		open := w.open(w.text, from, w.states[len(w.text)])
		n, exact := slices.BinarySearch(w.ends, open)
		if exact {
			return n
		}
		if w.ends[n-1] >= w.floor {
			return n - 1
		}
		from = w.ends[n] // that token began before the floor: it stays
	}
}

// complete reports whether the text cannot go on.
func (w *writer) complete() bool {
	return w.automaton.Complete(w.states[len(w.text)])
}

// allowed returns the tokens that can be chosen now, and whether the text can end
// instead.
func (w *writer) allowed() ([]int32, bool) {
	s := w.states[w.cut]
	return w.masks.allowed(s), w.automaton.Accepting(s)
}

// isText reports whether a token can be chosen now as text.
func (w *writer) isText(id int32) bool {
	t := w.vocab.texts[id]
	return len(t) > 0 && w.vocab.lookup(t) == id && w.automaton.Walk(w.states[w.cut], t) != grammar.Dead
}

// take appends a chosen token after the settled ones.
func (w *writer) take(id int32) {
	w.text, w.states = w.text[:w.cut], w.states[:w.cut+1]
	for _, c := range w.vocab.texts[id] {
		w.push(c)
	}
	w.floor = len(w.text)
	w.add(id)
	w.cut = len(w.text)
}
