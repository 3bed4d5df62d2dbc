package grammar

import (
	"encoding/binary"
	"slices"
)

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

	// scratch of closure
	seen  []int32 // the round in which a node was last added
	round int32
	stack []int32
}

// state is a set of nodes: all that the text so far can stand at.
type state struct {
	nodes  []int32 // live span nodes, ascending
	next   *[256]State
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

// Step returns the state after byte c.
func (a *Automaton) Step(s State, c byte) State {
	st := &a.states[s]
	if len(st.nodes) == 0 || !a.alphabet[c] {
		return Dead
	}
	if st.next == nil {
		st.next = new([256]State)
		for i := range st.next {
			st.next[i] = unknown
		}
	}
	if st.next[c] != unknown {
		return st.next[c]
	}
	var reached []int32
	for _, n := range st.nodes {
		if x := &a.g.nodes[n]; x.lo <= c && c <= x.hi {
			reached = append(reached, x.next)
		}
	}
	to := a.intern(reached)
	a.states[s].next[c] = to // intern may have moved the states
	return to
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
	st := a.closure(from)
	if len(st.nodes) == 0 && !st.accept {
		return Dead
	}
	key := make([]byte, 0, 4*len(st.nodes)+1)
	for _, n := range st.nodes {
		key = binary.LittleEndian.AppendUint32(key, uint32(n))
	}
	if st.accept {
		key = append(key, 1)
	}
	if s, ok := a.index[string(key)]; ok {
		return s
	}
	st.only = a.onlyByte(st.nodes)
	s := State(len(a.states))
	a.states = append(a.states, st)
	a.index[string(key)] = s
	return s
}

// closure follows the splits from the given nodes to all live span nodes.
func (a *Automaton) closure(from []int32) state {
	var st state
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
			st.accept = true
		case span:
			st.nodes = append(st.nodes, n)
		case split:
			a.stack = append(a.stack, x.next, x.alt)
		}
	}
	slices.Sort(st.nodes)
	return st
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

// reaching marks the nodes from which accept can be reached through bytes of the
// alphabet. Nodes follow what they lead to, loops aside, so that few rounds do.
func (a *Automaton) reaching() []bool {
	live := make([]bool, len(a.g.nodes))
	for changed := true; changed; {
		changed = false
		for i, n := range a.g.nodes {
			if live[i] {
				continue
			}
			switch n.kind {
			case accept:
				live[i] = true
			case span:
				live[i] = live[n.next] && slices.Contains(a.alphabet[n.lo:int(n.hi)+1], true)
			case split:
				live[i] = live[n.next] || live[n.alt]
			}
			changed = changed || live[i]
		}
	}
	return live
}
