package bench

import (
	"strings"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// actions describes what can be done on a screen with these elements, as the actor's
// grammar does, but without free texts: how long an action gets is then not a whim
// of the model. Both forms come from one description.
func actions(elements []string) rule {
	name := named{"name", words(elements)}
	return choice{
		sequence{words{"click ", "doubleclick ", "rightclick ", "hover "}, name},
		sequence{words{"drag "}, name, words{" to "}, name},
		sequence{words{"key "}, words{"", "ctrl+", "alt+", "shift+", "super+", "ctrl+shift+"}, keys},
		sequence{words{"scroll "}, words{"down ", "up "}, words{"1", "2", "3", "5", "10"}},
		sequence{words{"wait "}, words{"1", "2", "3", "5", "10", "30"}},
		sequence{words{"open "}, words{`"calculator"`, `"editor"`, `"files"`}},
		words{"done"},
	}
}

var keys = words{
	"enter", "escape", "tab", "space", "backspace", "delete", "up", "down", "left", "right", "home", "end", "pageup", "pagedown",
	"a", "c", "f", "n", "o", "p", "q", "s", "v", "w", "x", "z",
}

// rule describes a set of texts for our engine and for llama.cpp.
type rule interface {
	expr() grammar.Expr
	// gbnf writes it in llama.cpp's notation.
	gbnf(b *notation)
}

// gbnf returns a rule as a grammar in llama.cpp's notation.
func gbnf(r rule) string {
	b := &notation{names: map[string]bool{}}
	named{"root", r}.define(b)
	return strings.Join(b.definitions, "")
}

// notation is a grammar that is being written.
type notation struct {
	text        strings.Builder
	definitions []string
	names       map[string]bool
}

// named is a rule that is written once, however often it is used.
type named struct {
	name string
	rule rule
}

func (n named) expr() grammar.Expr { return n.rule.expr() }

func (n named) gbnf(b *notation) {
	b.text.WriteString(n.name)
	if !b.names[n.name] {
		n.define(b)
	}
}

func (n named) define(b *notation) {
	b.names[n.name] = true
	part := &notation{names: b.names}
	n.rule.gbnf(part)
	b.definitions = append(append(b.definitions, n.name+" ::= "+part.text.String()+"\n"), part.definitions...)
}

// words is one of some texts.
type words []string

func (w words) expr() grammar.Expr { return grammar.Words(w...) }

func (w words) gbnf(b *notation) {
	alternatives(b, len(w), func(i int) {
		b.text.WriteByte('"')
		_, _ = gbnfEscapes.WriteString(&b.text, w[i]) // a Builder takes everything
		b.text.WriteByte('"')
	})
}

var gbnfEscapes = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// choice is one of some rules.
type choice []rule

func (c choice) expr() grammar.Expr {
	all := make([]grammar.Expr, len(c))
	for i, r := range c {
		all[i] = r.expr()
	}
	return grammar.Choice(all...)
}

func (c choice) gbnf(b *notation) {
	alternatives(b, len(c), func(i int) { c[i].gbnf(b) })
}

func alternatives(b *notation, n int, write func(int)) {
	b.text.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.text.WriteString(" | ")
		}
		write(i)
	}
	b.text.WriteByte(')')
}

// sequence is some rules, one after another.
type sequence []rule

func (s sequence) expr() grammar.Expr {
	all := make([]grammar.Expr, len(s))
	for i, r := range s {
		all[i] = r.expr()
	}
	return grammar.Sequence(all...)
}

func (s sequence) gbnf(b *notation) {
	for i, r := range s {
		if i > 0 {
			b.text.WriteByte(' ')
		}
		r.gbnf(b)
	}
}
