package grammar

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// advance goes on by n bytes of ASCII other than line ends.
func (p *parser) advance(n int) {
	p.text = p.text[n:]
	p.at.column += n
}

// skip goes over a mark if it stands next.
func (p *parser) skip(mark string) bool {
	if !strings.HasPrefix(p.text, mark) {
		return false
	}
	p.advance(len(mark))
	return true
}

// space goes over white space and comments.
func (p *parser) space() {
	for p.text != "" {
		switch p.text[0] {
		case ' ', '\t', '\r':
			p.advance(1)
		case '\n':
			p.text = p.text[1:]
			p.at = position{p.at.line + 1, 1}
		case '#':
			end := strings.IndexByte(p.text, '\n')
			if end < 0 {
				end = len(p.text)
			}
			p.at.column += utf8.RuneCountInString(p.text[:end])
			p.text = p.text[end:]
		default:
			return
		}
	}
}

// name reads a rule's name; it is empty if none stands next.
func (p *parser) name() string {
	n := nameLength(p.text)
	name := p.text[:n]
	p.advance(n)
	return name
}

func nameLength(text string) int {
	n := 0
	for n < len(text) {
		switch c := text[n]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			n++
		default:
			return n
		}
	}
	return n
}

// ruleNext reports whether the next rule begins here: a name and ::=.
func (p *parser) ruleNext() bool {
	n := nameLength(p.text)
	if n == 0 {
		return false
	}
	ahead := parser{text: p.text[n:]}
	ahead.space()
	return strings.HasPrefix(ahead.text, "::=")
}

// literal reads what follows a quote, and the quote that ends it.
func (p *parser) literal(at position) (Expr, error) {
	var b strings.Builder
	for {
		if p.skip(`"`) {
			return Literal(b.String()), nil
		}
		r, err := p.character(at, "literal")
		if err != nil {
			return nil, err
		}
		b.WriteRune(r)
	}
}

// class reads what follows a bracket, and the bracket that ends it.
func (p *parser) class(at position) (Expr, error) {
	except := p.skip("^")
	var ranges []Range
	for !p.skip("]") {
		from := p.at
		lo, err := p.character(at, "class")
		if err != nil {
			return nil, err
		}
		hi := lo
		if strings.HasPrefix(p.text, "-") && !strings.HasPrefix(p.text, "-]") {
			p.advance(1)
			if hi, err = p.character(at, "class"); err != nil {
				return nil, err
			}
		}
		if hi < lo {
			return nil, from.errorf("a range from %q down to %q", lo, hi)
		}
		ranges = append(ranges, around(lo, hi)...)
	}
	if except {
		e := Except(ranges...)
		if c, ok := e.(class); ok && len(c) == 0 {
			return nil, at.errorf("a class that leaves no character")
		}
		return e, nil
	}
	if len(ranges) == 0 {
		return nil, at.errorf("a class without characters")
	}
	return Runes(ranges...), nil
}

// around is a range without the surrogates, which no text has.
func around(lo, hi rune) []Range {
	gap := surrogates()
	if lo < gap.Lo && hi > gap.Hi {
		return []Range{{lo, gap.Lo - 1}, {gap.Hi + 1, hi}}
	}
	return []Range{{lo, hi}}
}

// character reads one character of a literal or class, escaped or not.
func (p *parser) character(began position, of string) (rune, error) {
	if p.text == "" || p.text[0] == '\n' {
		return 0, p.at.errorf("the %s that begins in line %d, column %d does not end", of, began.line, began.column)
	}
	at := p.at
	if p.text[0] != '\\' {
		r, n := utf8.DecodeRuneInString(p.text)
		if r == utf8.RuneError && n == 1 {
			return 0, at.errorf("the text is not UTF-8")
		}
		p.text = p.text[n:]
		p.at.column++
		return r, nil
	}
	p.advance(1)
	return p.escape(at)
}

// escape reads what follows a backslash.
func (p *parser) escape(at position) (rune, error) {
	if p.text == "" {
		return 0, at.errorf("a backslash at the end of the text")
	}
	var digits int
	switch c := p.text[0]; c {
	case 'n', 'r', 't':
		p.advance(1)
		return map[byte]rune{'n': '\n', 'r': '\r', 't': '\t'}[c], nil
	case '\\', '"', '[', ']', '-', '^':
		p.advance(1)
		return rune(c), nil
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return 0, at.errorf("no such escape: a backslash before %s", p.found())
	}
	if len(p.text) <= digits {
		return 0, at.errorf("the escape \\%c needs %d hexadecimal digits", p.text[0], digits)
	}
	n, err := strconv.ParseUint(p.text[1:1+digits], 16, 32)
	if err != nil {
		return 0, at.errorf("the escape \\%c needs %d hexadecimal digits", p.text[0], digits)
	}
	if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, at.errorf("%#x is no character", n)
	}
	p.advance(1 + digits)
	return rune(n), nil
}
