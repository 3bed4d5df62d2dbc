package grammar

import "math"

// repeats reads the repetitions after an item.
func (p *parser) repeats(e Expr) (Expr, error) {
	for range maxDepth {
		p.space()
		at := p.at
		switch {
		case p.skip("?"):
			e = Optional(e)
		case p.skip("*"):
			e = Repeat(e, 0, Unlimited)
		case p.skip("+"):
			e = Repeat(e, 1, Unlimited)
		case p.skip("{"):
			from, most, err := p.counts(at)
			if err != nil {
				return nil, err
			}
			e = Repeat(e, from, most)
		default:
			return e, nil
		}
	}
	return nil, p.at.errorf("more than %d repetitions of one item", maxDepth)
}

// counts reads m}, m,} or m,n}.
func (p *parser) counts(at position) (from, most int, err error) {
	p.space()
	if from, err = p.number(); err != nil {
		return 0, 0, err
	}
	most = from
	if p.space(); p.skip(",") {
		most = Unlimited
		if p.space(); p.text != "" && p.text[0] != '}' {
			if most, err = p.number(); err != nil {
				return 0, 0, err
			}
		}
	}
	if p.space(); !p.skip("}") {
		return 0, 0, p.at.errorf("%s where } was expected", p.found())
	}
	if most != Unlimited && most < from {
		return 0, 0, at.errorf("a repetition of %d to %d times", from, most)
	}
	return from, most, nil
}

func (p *parser) number() (int, error) {
	at, n, digits := p.at, 0, 0
	for p.text != "" && p.text[0] >= '0' && p.text[0] <= '9' {
		if n = 10*n + int(p.text[0]-'0'); n > math.MaxInt32 {
			return 0, at.errorf("a count of more than %d", math.MaxInt32)
		}
		p.advance(1)
		digits++
	}
	if digits == 0 {
		return 0, at.errorf("%s where a count was expected", p.found())
	}
	return n, nil
}
