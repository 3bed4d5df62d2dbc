package grammar

import (
	"fmt"
	"unicode/utf8"
)

// root is the rule that describes whole texts.
const root = "root"

// maxDepth bounds how deep parentheses, and rules in rules, may be nested.
const maxDepth = 200

// Parse reads a grammar in the notation of llama.cpp's GBNF files and compiles it:
//
//	# a comment ends with its line
//	root   ::= "click " target | "wait" (" " number)?
//	target ::= ("button" | "link") " \"" [^"\\]{1,40} "\""
//	number ::= [1-9] [0-9]*
//
// A rule is a name of letters, digits, - and _, then ::= and what it stands for;
// root stands for the whole text. There are literals in double quotes, classes of
// characters in brackets ([a-z_], [^0-9] for all others; a - at either end is
// itself), any character ( . ), alternatives ( | ), groups in parentheses, and
// after any of these the repetitions ? (at most once), * (any number), + (at least
// once), {m}, {m,} and {m,n}. The escapes are \n, \r, \t, \\, \", \[, \], \-, \^ and the
// code points \xHH, \uHHHH and \UHHHHHHHH. White space and line ends separate.
//
// A rule may call itself at its own end, which is repetition, as in
// list ::= item | item "," list. Calls of itself in the middle describe nested
// texts, which need a stack; Parse refuses them by the rule's name, unlike
// llama.cpp. Errors are SyntaxErrors, or wrap ErrInvalid when the grammar would
// need more than MaxNodes states.
func Parse(text string) (*Grammar, error) {
	p := &parser{text: text, at: position{1, 1}, rules: map[string]*rule{}}
	if err := p.parse(); err != nil {
		return nil, err
	}
	start := p.rules[root]
	if start == nil {
		return nil, p.at.errorf("there is no rule named %q, which describes the whole text", root)
	}
	if err := depth(p.rules); err != nil {
		return nil, err
	}
	g, err := Compile(start)
	if err != nil {
		return nil, err
	}
	if g.recursive && g.Automaton(nil).Start() == Dead {
		return nil, start.at.errorf("no text is described: a rule calls itself in each of its alternatives")
	}
	return g, nil
}

// parser reads a text rule by rule.
type parser struct {
	text  string
	at    position // of text's first character
	rules map[string]*rule
	depth int // of parentheses
}

func (p *parser) parse() error {
	for p.space(); p.text != ""; p.space() {
		at := p.at
		name := p.name()
		if name == "" {
			return at.errorf("%s where a rule's name was expected", p.found())
		}
		p.space()
		if !p.skip("::=") {
			return p.at.errorf("%s where ::= was expected after the name %q", p.found(), name)
		}
		r := p.rule(name, at)
		if r.body != nil {
			return at.errorf("rule %q was defined in line %d already", name, r.at.line)
		}
		r.at = at
		body, err := p.alternatives()
		if err != nil {
			return err
		}
		if p.text != "" && !p.ruleNext() {
			return p.at.errorf("%s where the end of rule %q was expected", p.found(), name)
		}
		r.body = body
	}
	for _, r := range p.rules {
		if r.body == nil {
			return r.at.errorf("there is no rule named %q", r.name)
		}
	}
	return nil
}

// rule returns the rule of that name, which may be defined later.
func (p *parser) rule(name string, at position) *rule {
	r := p.rules[name]
	if r == nil {
		r = &rule{name: name, at: at}
		p.rules[name] = r
	}
	return r
}

// alternatives reads sequences between |, up to something that is of neither.
func (p *parser) alternatives() (Expr, error) {
	var c choice
	for {
		q, err := p.sequence()
		if err != nil {
			return nil, err
		}
		c = append(c, q)
		if !p.skip("|") {
			break
		}
	}
	if len(c) == 1 {
		return c[0], nil
	}
	return c, nil
}

// sequence reads items with their repetitions. None at all is the empty text.
func (p *parser) sequence() (Expr, error) {
	var q sequence
	for {
		p.space()
		if p.ruleNext() {
			break
		}
		e, err := p.item()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		if e, err = p.repeats(e); err != nil {
			return nil, err
		}
		q = append(q, e)
	}
	if len(q) == 1 {
		return q[0], nil
	}
	return q, nil
}

// item reads one literal, class, name or group, or returns nil if none is there.
func (p *parser) item() (Expr, error) {
	at := p.at
	switch {
	case p.skip(`"`):
		return p.literal(at)
	case p.skip("["):
		return p.class(at)
	case p.skip("."):
		return Except(), nil
	case p.skip("("):
		return p.group(at)
	}
	if name := p.name(); name != "" {
		return p.rule(name, at), nil
	}
	return nil, nil //nolint:nilnil // no item, and that is no error
}

func (p *parser) group(at position) (Expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, at.errorf("parentheses are nested deeper than %d", maxDepth)
	}
	e, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	p.depth--
	if !p.skip(")") {
		return nil, p.at.errorf("%s where ) was expected, which ends the ( of line %d, column %d", p.found(), at.line, at.column)
	}
	return e, nil
}

// found describes what stands next, for error messages.
func (p *parser) found() string {
	if p.text == "" {
		return "the end of the text"
	}
	r, _ := utf8.DecodeRuneInString(p.text)
	return fmt.Sprintf("%q", r)
}
