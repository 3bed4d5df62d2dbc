// Package grammar describes sets of texts, such as the actions that can be done
// on the screen at hand, and recognises them byte by byte.
//
// An Expr is built from combinators (Literal, Choice, Sequence, Repeat, Runes,
// Quoted) or read from text by Parse, compiled once to a nondeterministic automaton over bytes (Thompson
// 1968, "Regular expression search algorithm"), and walked as a deterministic
// one whose states are made when they are first reached.
package grammar

import (
	"errors"
	"fmt"
)

// MaxNodes is the largest automaton that Compile builds. A screen of 200
// elements with six actions each takes about 50,000 nodes.
const MaxNodes = 1 << 20

// ErrInvalid is returned by Compile for an expression that describes no text or
// that is malformed.
var ErrInvalid = errors.New("grammar: invalid expression")

// Grammar is a compiled expression. It is immutable and safe for concurrent use.
type Grammar struct {
	nodes []node
	start int32

	recursive bool // some nodes may lead nowhere
}

// Compile turns an expression into a grammar.
func Compile(e Expr) (*Grammar, error) {
	if e == nil {
		return nil, fmt.Errorf("%w: it is nil", ErrInvalid)
	}
	if n := e.least(); n > MaxNodes {
		return nil, fmt.Errorf("%w: it needs %.0f states or more, the most are %d; use fewer alternatives or smaller repeat counts", ErrInvalid, n, MaxNodes)
	}
	b := &builder{nodes: []node{{kind: accept}}, open: map[*rule]call{}}
	start, err := e.build(b, 0)
	if err != nil {
		return nil, err
	}
	return &Grammar{nodes: b.nodes, start: start, recursive: b.recursive}, nil
}

// Match reports whether text, as a whole, is described by the grammar.
func (g *Grammar) Match(text string) bool {
	a := g.Automaton(nil)
	s := a.Start()
	for i := 0; i < len(text) && s != Dead; i++ {
		s = a.Step(s, text[i])
	}
	return a.Accepting(s)
}
