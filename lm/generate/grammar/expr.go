package grammar

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Unlimited as Repeat's most means that there is no upper bound.
const Unlimited = -1

// Expr describes a set of texts.
type Expr interface {
	// build adds the expression in front of node next and returns its start.
	build(b *builder, next int32) (int32, error)
	// least is at least how many nodes, or steps, that takes: it is known before
	// anything is built. It is a float64 because it can be astronomical.
	least() float64
}

// Literal is exactly the text s.
func Literal(s string) Expr { return literal(s) }

// Choice is any one of the alternatives.
func Choice(alternatives ...Expr) Expr { return choice(alternatives) }

// Words is a choice of literals.
func Words(words ...string) Expr {
	c := make(choice, len(words))
	for i, w := range words {
		c[i] = literal(w)
	}
	return c
}

// Sequence is its parts, one after another. An empty sequence is the empty text.
func Sequence(parts ...Expr) Expr { return sequence(parts) }

// Optional is e or the empty text.
func Optional(e Expr) Expr { return repeat{e, 0, 1} }

// Repeat is e at least and at most so many times over; most may be Unlimited.
// Each counted repetition costs states of its own.
func Repeat(e Expr, least, most int) Expr { return repeat{e, least, most} }

// Digits is a decimal number of least to most digits, leading zeros included.
func Digits(least, most int) Expr {
	return Repeat(Runes(Range{'0', '9'}), least, most)
}

type literal string

func (l literal) build(b *builder, next int32) (int32, error) {
	if !utf8.ValidString(string(l)) {
		return 0, fmt.Errorf("%w: literal %q is not UTF-8", ErrInvalid, string(l))
	}
	var err error
	for _, c := range slices.Backward([]byte(l)) {
		if next, err = b.span(c, c, next); err != nil {
			return 0, err
		}
	}
	return next, nil
}

func (l literal) least() float64 { return float64(max(1, len(l))) }

type choice []Expr

func (c choice) least() float64 { return total(c) }

// total is the parts' sum, nil ones being refused later.
func total(parts []Expr) float64 {
	sum := 1.0
	for _, e := range parts {
		if e != nil {
			sum += e.least()
		}
	}
	return sum
}

func (c choice) build(b *builder, next int32) (int32, error) {
	if len(c) == 0 {
		return 0, fmt.Errorf("%w: a choice without alternatives", ErrInvalid)
	}
	var start int32
	for i, e := range slices.Backward(c) {
		if e == nil {
			return 0, fmt.Errorf("%w: alternative %d is nil", ErrInvalid, i)
		}
		s, err := e.build(b, next)
		if err != nil {
			return 0, err
		}
		if i == len(c)-1 {
			start = s
		} else if start, err = b.either(s, start); err != nil {
			return 0, err
		}
	}
	return start, nil
}

type sequence []Expr

func (q sequence) least() float64 { return total(q) }

func (q sequence) build(b *builder, next int32) (int32, error) {
	for i, e := range slices.Backward(q) {
		if e == nil {
			return 0, fmt.Errorf("%w: part %d of a sequence is nil", ErrInvalid, i)
		}
		var err error
		if next, err = e.build(b, next); err != nil {
			return 0, err
		}
	}
	return next, nil
}

type repeat struct {
	e          Expr
	from, most int
}

func (r repeat) least() float64 {
	if r.e == nil {
		return 1
	}
	return 1 + r.e.least()*float64(max(r.from, r.most, 1))
}

func (r repeat) build(b *builder, next int32) (int32, error) {
	if r.e == nil {
		return 0, fmt.Errorf("%w: a repeat of nil", ErrInvalid)
	}
	if r.from < 0 || r.most < Unlimited || r.most != Unlimited && r.most < r.from {
		return 0, fmt.Errorf("%w: a repeat of %d to %d times", ErrInvalid, r.from, r.most)
	}
	start, err := r.tail(b, next)
	for range r.from {
		if err != nil {
			return 0, err
		}
		start, err = r.e.build(b, start)
	}
	return start, err
}

// tail builds the repetitions that may be left out.
func (r repeat) tail(b *builder, next int32) (int32, error) {
	if r.most == Unlimited {
		loop, err := b.either(0, next)
		if err != nil {
			return 0, err
		}
		body, err := r.e.build(b, loop)
		if err != nil {
			return 0, err
		}
		b.nodes[loop].next = body
		return loop, nil
	}
	start := next
	for range r.most - r.from {
		body, err := r.e.build(b, start)
		if err != nil {
			return 0, err
		}
		if start, err = b.either(body, next); err != nil {
			return 0, err
		}
	}
	return start, nil
}
