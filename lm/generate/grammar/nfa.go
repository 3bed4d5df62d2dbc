package grammar

import "fmt"

type kind uint8

const (
	accept kind = iota // the text may end here
	span               // a byte in [lo, hi] leads to next
	split              // next or alt, without a byte
)

// node is a state of the nondeterministic automaton.
type node struct {
	kind   kind
	lo, hi byte
	next   int32
	alt    int32
}

// builder grows the automaton from its end to its start: each expression is
// built in front of the node that follows it.
type builder struct {
	nodes     []node
	open      map[*rule]call // the rules that are being built
	recursive bool           // one of them was called at its own end
}

func (b *builder) add(n node) (int32, error) {
	if len(b.nodes) >= MaxNodes {
		return 0, fmt.Errorf("%w: it needs more than %d states; use fewer alternatives or smaller repeat counts", ErrInvalid, MaxNodes)
	}
	b.nodes = append(b.nodes, n)
	return int32(len(b.nodes) - 1), nil
}

func (b *builder) span(lo, hi byte, next int32) (int32, error) {
	return b.add(node{kind: span, lo: lo, hi: hi, next: next})
}

func (b *builder) either(first, second int32) (int32, error) {
	return b.add(node{kind: split, next: first, alt: second})
}
