package grammar

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Range is the characters from Lo to Hi, both included.
type Range struct{ Lo, Hi rune }

// Runes is one character out of the ranges.
func Runes(ranges ...Range) Expr { return class(ranges) }

// Except is one character that is in none of the ranges, surrogates aside.
func Except(ranges ...Range) Expr {
	out := append(slices.Clone(ranges), surrogates())
	slices.SortFunc(out, func(a, b Range) int { return cmp.Compare(a.Lo, b.Lo) })
	var in class
	next := rune(0)
	for _, r := range out {
		if r.Lo > next {
			in = append(in, Range{next, r.Lo - 1})
		}
		next = max(next, r.Hi+1)
	}
	if next <= utf8.MaxRune {
		in = append(in, Range{next, utf8.MaxRune})
	}
	return in
}

func surrogates() Range { return Range{0xD800, 0xDFFF} }

type class []Range

func (c class) least() float64 { return float64(max(1, len(c))) }

func (c class) build(b *builder, next int32) (int32, error) {
	var starts []int32
	for _, r := range c {
		if r.Lo > r.Hi || r.Lo < 0 || r.Hi > utf8.MaxRune || r.Lo <= surrogates().Hi && r.Hi >= surrogates().Lo {
			return 0, fmt.Errorf("%w: %U to %U is no range of characters", ErrInvalid, r.Lo, r.Hi)
		}
		for _, seq := range encodings(r) {
			s := next
			var err error
			for _, x := range slices.Backward(seq) {
				if s, err = b.span(x[0], x[1], s); err != nil {
					return 0, err
				}
			}
			starts = append(starts, s)
		}
	}
	if len(starts) == 0 {
		return 0, fmt.Errorf("%w: a character class without characters", ErrInvalid)
	}
	start := starts[0]
	for _, s := range starts[1:] {
		var err error
		if start, err = b.either(s, start); err != nil {
			return 0, err
		}
	}
	return start, nil
}

// encodings splits a range of characters into sequences of byte ranges that
// together are its UTF-8 encodings (the method of Cox's RE2 and of Rust's
// utf8-ranges: cut where the length changes, then where a continuation byte
// would not run over its full range).
func encodings(r Range) [][][2]byte {
	for _, last := range []rune{0x7F, 0x7FF, 0xFFFF} {
		if r.Lo <= last && r.Hi > last {
			return append(encodings(Range{r.Lo, last}), encodings(Range{last + 1, r.Hi})...)
		}
	}
	for i := 1; i < utf8.RuneLen(r.Hi); i++ {
		low := rune(1)<<(6*i) - 1 // the bits of the last i bytes
		if r.Lo&^low == r.Hi&^low {
			continue
		}
		if r.Lo&low != 0 {
			return append(encodings(Range{r.Lo, r.Lo | low}), encodings(Range{(r.Lo | low) + 1, r.Hi})...)
		}
		if r.Hi&low != low {
			return append(encodings(Range{r.Lo, r.Hi&^low - 1}), encodings(Range{r.Hi &^ low, r.Hi})...)
		}
	}
	lo, hi := utf8.AppendRune(nil, r.Lo), utf8.AppendRune(nil, r.Hi)
	seq := make([][2]byte, len(lo))
	for i := range lo {
		seq[i] = [2]byte{lo[i], hi[i]}
	}
	return [][][2]byte{seq}
}
