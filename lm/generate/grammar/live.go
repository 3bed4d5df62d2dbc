package grammar

import "slices"

// reaching marks the nodes from which accept can be reached through bytes of the
// alphabet, walking back from there. If the alphabet is whole, these are all, unless
// rules call themselves.
func (a *Automaton) reaching() []bool {
	nodes := a.g.nodes
	live := make([]bool, len(nodes))
	if !a.g.recursive && !slices.Contains(a.alphabet[:], false) {
		for i := range live {
			live[i] = true
		}
		return live
	}
	// The predecessors of node i are before[first[i]:first[i+1]].
	first := make([]int32, len(nodes)+2)
	a.steps(func(_, to int32) { first[to+2]++ })
	for i := range nodes {
		first[i+2] += first[i+1]
	}
	before := make([]int32, first[len(nodes)+1])
	a.steps(func(from, to int32) {
		before[first[to+1]] = from
		first[to+1]++
	})
	a.stack = append(a.stack[:0], 0) // accept
	live[0] = true
	for len(a.stack) > 0 {
		n := a.stack[len(a.stack)-1]
		a.stack = a.stack[:len(a.stack)-1]
		for _, m := range before[first[n]:first[n+1]] {
			if !live[m] {
				live[m] = true
				a.stack = append(a.stack, m)
			}
		}
	}
	return live
}

// steps yields from where to where a byte of the alphabet, or none, leads.
func (a *Automaton) steps(yield func(from, to int32)) {
	for i, n := range a.g.nodes {
		switch n.kind {
		case accept:
		case span:
			if slices.Contains(a.alphabet[n.lo:int(n.hi)+1], true) {
				yield(int32(i), n.next)
			}
		case split:
			yield(int32(i), n.next)
			yield(int32(i), n.alt)
		}
	}
}
