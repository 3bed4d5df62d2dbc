package grammar

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// MaxAutomaton bounds the memory of an Automaton: it is the most nodes that its
// states may stand at, all together, each state counting as stateNodes more. That
// many take about 75 MB; an action grammar takes some ten thousand.
const MaxAutomaton = 1 << 23

// stateNodes is how many nodes of a state have the size of its transitions.
const stateNodes = 128

// State is a state of an Automaton.
type State int32

// Dead is the state from which no text of the grammar can be reached.
const Dead State = 0

// Automaton recognises a grammar's texts byte by byte. From every state but Dead
// a text can be completed with bytes of the alphabet. It makes its states as they
// are reached and is not safe for concurrent use.
type Automaton struct {
	g        *Grammar
	alphabet [256]bool
	live     []bool // nodes from which accept can be reached
	states   []state
	index    map[string]State
	start    State
	used     int // of MaxAutomaton
	err      error

	// scratch of closure
	seen  []int32 // the round in which a node was last added
	round int32
	stack []int32

	reached []int32 // scratch of Step
	nodes   []int32 // scratch of intern
	key     []byte
}

// state is a set of nodes: all that the text so far can stand at.
type state struct {
	nodes  []int32 // live span nodes, ascending
	next   *[256]State
	loops  *Bytes // bytes that lead back to the state; nil if not known yet
	accept bool
	only   int16 // the one byte that can follow, or -1
}

// unknown marks a transition that has not been followed yet.
const unknown State = -1

// Automaton returns a recogniser for texts made of the alphabet's bytes only; nil
// allows every byte. Texts that need other bytes are left out.
func (g *Grammar) Automaton(alphabet *[256]bool) *Automaton {
	a := &Automaton{
		g:      g,
		states: []state{{only: -1}},
		index:  map[string]State{},
		seen:   make([]int32, len(g.nodes)),
	}
	for i := range a.alphabet {
		a.alphabet[i] = alphabet == nil || alphabet[i]
	}
	a.live = a.reaching()
	a.start = a.intern([]int32{g.start})
	return a
}

// Start is the state of the empty text; Dead when the alphabet allows no text.
func (a *Automaton) Start() State { return a.start }

// Accepting reports whether the text may end in s.
func (a *Automaton) Accepting(s State) bool { return a.states[s].accept }

// Complete reports whether the text must end in s.
func (a *Automaton) Complete(s State) bool {
	return a.states[s].accept && len(a.states[s].nodes) == 0
}

// Forced returns the byte that has to follow in s, if there is only one and the
// text cannot end here.
func (a *Automaton) Forced(s State) (byte, bool) {
	st := &a.states[s]
	if st.accept || st.only < 0 {
		return 0, false
	}
	return byte(st.only), true
}

// Err returns an error that wraps ErrInvalid once the automaton would have grown
// beyond MaxAutomaton; what would need a new state is Dead from then on.
func (a *Automaton) Err() error { return a.err }

// Step returns the state after byte c.
func (a *Automaton) Step(s State, c byte) State {
	next := a.states[s].next
	if next == nil {
		if next = a.row(s); next == nil {
			return Dead
		}
	}
	if to := next[c]; to != unknown {
		return to
	}
	a.reached = a.reached[:0]
	for _, n := range a.states[s].nodes {
		if x := &a.g.nodes[n]; x.lo <= c && c <= x.hi {
			a.reached = append(a.reached, x.next)
		}
	}
	to := a.intern(a.reached)
	next[c] = to
	return to
}

// row makes a state's transitions: those that lead nowhere are known at once. It
// returns nil for a state without any.
func (a *Automaton) row(s State) *[256]State {
	st := &a.states[s]
	if len(st.nodes) == 0 {
		return nil
	}
	st.next = new([256]State)
	for _, n := range st.nodes {
		x := &a.g.nodes[n]
		for c := int(x.lo); c <= int(x.hi); c++ {
			if a.alphabet[c] {
				st.next[c] = unknown
			}
		}
	}
	return st.next
}

// Loops returns the bytes after which the text still stands in s, such as most of
// them inside of quotes. The caller must not change the set.
func (a *Automaton) Loops(s State) *Bytes {
	if loops := a.states[s].loops; loops != nil {
		return loops
	}
	loops := new(Bytes)
	for c := range 256 {
		if s != Dead && a.Step(s, byte(c)) == s {
			loops.Add(byte(c))
		}
	}
	a.states[s].loops = loops
	return loops
}

// Walk returns the state after all bytes of text.
func (a *Automaton) Walk(s State, text []byte) State {
	for _, c := range text {
		if s = a.Step(s, c); s == Dead {
			return Dead
		}
	}
	return s
}

// intern returns the state that stands at the given nodes.
func (a *Automaton) intern(from []int32) State {
	accepts := a.closure(from)
	if len(a.nodes) == 0 && !accepts {
		return Dead
	}
	a.key = a.key[:0]
	for _, n := range a.nodes {
		a.key = binary.LittleEndian.AppendUint32(a.key, uint32(n))
	}
	if accepts {
		a.key = append(a.key, 1)
	}
	if s, ok := a.index[string(a.key)]; ok {
		return s
	}
	if a.used += len(a.nodes) + stateNodes; a.used > MaxAutomaton {
		a.err = fmt.Errorf("%w: after %d states, which stand at %d of its %d nodes, it is still growing; use smaller repeat counts, or fewer alternatives that begin alike",
			ErrInvalid, len(a.states), a.used, len(a.g.nodes))
		return Dead
	}
	s := State(len(a.states))
	a.states = append(a.states, state{nodes: slices.Clone(a.nodes), accept: accepts, only: a.onlyByte(a.nodes)})
	a.index[string(a.key)] = s
	return s
}

// closure follows the splits from the given nodes and leaves all live span nodes,
// ascending, in a.nodes. It returns whether the text may end there.
func (a *Automaton) closure(from []int32) bool {
	accepts := false
	a.nodes = a.nodes[:0]
	a.round++
	a.stack = append(a.stack[:0], from...)
	for len(a.stack) > 0 {
		n := a.stack[len(a.stack)-1]
		a.stack = a.stack[:len(a.stack)-1]
		if !a.live[n] || a.seen[n] == a.round {
			continue
		}
		a.seen[n] = a.round
		switch x := &a.g.nodes[n]; x.kind {
		case accept:
			accepts = true
		case span:
			a.nodes = append(a.nodes, n)
		case split:
			a.stack = append(a.stack, x.next, x.alt)
		}
	}
	slices.Sort(a.nodes)
	return accepts
}

// onlyByte returns the only byte of the alphabet that the nodes accept, or -1.
func (a *Automaton) onlyByte(nodes []int32) int16 {
	only := int16(-1)
	for _, n := range nodes {
		x := &a.g.nodes[n]
		for c := int(x.lo); c <= int(x.hi); c++ {
			if !a.alphabet[c] || int16(c) == only {
				continue
			}
			if only >= 0 {
				return -1
			}
			only = int16(c)
		}
	}
	return only
}
