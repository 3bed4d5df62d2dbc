package grammar

import "fmt"

// rule is a named expression of a text. It may be called again at its own end,
// which is a loop; anywhere else it would need a stack, which an automaton has not.
type rule struct {
	name string
	at   position // of its definition; of its first use while it is not defined
	body Expr

	needs float64 // least of body, 0 while unknown
	known bool    // needs is known, or being found out
}

// call is a rule that is being built.
type call struct{ start, next int32 }

func (r *rule) least() float64 {
	if !r.known {
		r.known = true
		r.needs = 1 + r.body.least()
	}
	return max(1, r.needs)
}

func (r *rule) build(b *builder, next int32) (int32, error) {
	if c, ok := b.open[r]; ok {
		if c.next != next {
			return 0, r.at.errorf("rule %q calls itself other than at its end: only repetition is possible, no nesting; spell out as many levels as are needed", r.name)
		}
		b.recursive = true
		return c.start, nil
	}
	start, err := b.either(0, 0)
	if err != nil {
		return 0, err
	}
	b.open[r] = call{start, next}
	body, err := r.body.build(b, next)
	if err != nil {
		return 0, err
	}
	delete(b.open, r)
	b.nodes[start].next, b.nodes[start].alt = body, body
	return start, nil
}

// position is a place in a text, both counted from 1.
type position struct{ line, column int }

func (p position) errorf(format string, args ...any) error {
	return &SyntaxError{Line: p.line, Column: p.column, Message: fmt.Sprintf(format, args...)}
}

// SyntaxError says where a grammar's text is wrong. It wraps ErrInvalid.
type SyntaxError struct {
	Line, Column int // from 1; columns are characters
	Message      string
}

// Error gives place and message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("grammar: line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Unwrap returns ErrInvalid.
func (*SyntaxError) Unwrap() error { return ErrInvalid }

// depth refuses rules that are nested so deep in each other that to build them
// would exhaust the stack.
func depth(rules map[string]*rule) error {
	state := map[*rule]int{} // how deep below it, from 1; -1 while on the way
	var below func(e Expr, level int) (int, error)
	below = func(e Expr, level int) (int, error) {
		deepest := 0
		var parts []Expr
		switch e := e.(type) {
		case choice:
			parts = e
		case sequence:
			parts = e
		case repeat:
			parts = []Expr{e.e}
		case *rule:
			switch n := state[e]; {
			case n > 0:
				return n, nil
			case n < 0:
				return 0, nil // a call of itself is not built again
			}
			if level > maxDepth {
				return 0, e.at.errorf("rules are nested deeper than %d", maxDepth)
			}
			state[e] = -1
			n, err := below(e.body, level+1)
			if err != nil {
				return 0, err
			}
			state[e] = n + 1
			if n+1 > maxDepth {
				return 0, e.at.errorf("rules are nested deeper than %d", maxDepth)
			}
			return n + 1, nil
		}
		for _, part := range parts {
			n, err := below(part, level)
			if err != nil {
				return 0, err
			}
			deepest = max(deepest, n)
		}
		return deepest, nil
	}
	for _, r := range rules {
		if _, err := below(r, 0); err != nil {
			return err
		}
	}
	return nil
}
