package grammar_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// A screen with two buttons and a field, and what can be done on it.
func Example() {
	target := grammar.Words(`button "Log in"`, `button "Cancel"`, `field "" #1`)
	g, err := grammar.Compile(grammar.Choice(
		grammar.Sequence(grammar.Words("click ", "hover "), target),
		grammar.Sequence(grammar.Literal("type "), grammar.Quoted(grammar.Unlimited)),
		grammar.Sequence(grammar.Literal("wait"), grammar.Optional(grammar.Sequence(grammar.Literal(" "), grammar.Digits(1, 2)))),
	))
	if err != nil {
		panic(err)
	}
	for _, s := range []string{`click button "Log in"`, `click button "Buy"`, `type "say \"hi\""`, `wait 30`, `wait 300`} {
		fmt.Println(g.Match(s), s)
	}
	// Output:
	// true click button "Log in"
	// false click button "Buy"
	// true type "say \"hi\""
	// true wait 30
	// false wait 300
}

// source makes random expressions, each with the regular expression of the same
// language.
type source struct{ *rand.Rand }

func (r source) expr(depth int) (grammar.Expr, string) {
	kind := r.IntN(7)
	if depth == 0 {
		kind = r.IntN(3)
	}
	switch kind {
	case 0, 1:
		words := []string{"a", "ab", "b", "é", "éa", "\u4e16", "", "\U0001F600", `"`, "1"}
		w := words[r.IntN(len(words))]
		return grammar.Literal(w), regexp.QuoteMeta(w)
	case 2:
		if r.IntN(2) == 0 {
			return grammar.Except(grammar.Range{Lo: 'b', Hi: 'z'}, grammar.Range{Lo: 'é', Hi: '\u4e16'}), `[^b-zé-\x{4e16}]`
		}
		return runesIn(), `[0-aß-\x{d7ff}\x{e000}-\x{1F5FF}]`
	case 3:
		e, s := r.expr(depth - 1)
		most := r.IntN(4) - 1
		if most == grammar.Unlimited {
			least := r.IntN(3)
			return grammar.Repeat(e, least, most), fmt.Sprintf("(?:%s){%d,}", s, least)
		}
		least := r.IntN(most + 1)
		return grammar.Repeat(e, least, most), fmt.Sprintf("(?:%s){%d,%d}", s, least, most)
	case 4:
		e, s := r.expr(depth - 1)
		return grammar.Optional(e), "(?:" + s + ")?"
	default:
		n := 1 + r.IntN(3)
		es, ss := make([]grammar.Expr, n), make([]string, n)
		for i := range es {
			es[i], ss[i] = r.expr(depth - 1)
			ss[i] = "(?:" + ss[i] + ")"
		}
		if kind == 5 {
			return grammar.Choice(es...), strings.Join(ss, "|")
		}
		return grammar.Sequence(es...), strings.Join(ss, "")
	}
}

func (r source) text() string {
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString([]string{"a", "ab", "b", "é", "\u4e16", "\U0001F600", `"`, "1", "z", "ß", "\n"}[r.IntN(11)])
	}
	return b.String()
}

// runesIn rewrites the class above without surrogates, which Runes refuses.
func runesIn() grammar.Expr {
	return grammar.Runes(grammar.Range{Lo: '0', Hi: 'a'}, grammar.Range{Lo: 'ß', Hi: 0xD7FF}, grammar.Range{Lo: 0xE000, Hi: 0x1F5FF})
}

func TestMatchAgainstRegexp(t *testing.T) {
	t.Parallel()
	r := source{rand.New(rand.NewPCG(1, 2))}
	matched, compared := 0, 0
	for i := range 3000 {
		e, s := r.expr(4)
		g, err := grammar.Compile(e)
		if err != nil {
			t.Fatalf("expression %d, %s: %v", i, s, err)
		}
		re, err := regexp.Compile(`\A(?s:` + s + `)\z`)
		if err != nil {
			t.Fatalf("expression %d, %s: %v", i, s, err)
		}
		for range 30 {
			text := r.text()
			want := re.MatchString(text)
			if got := g.Match(text); got != want {
				t.Fatalf("expression %d, %s on %q: got %v, regexp says %v", i, s, text, got, want)
			}
			compared++
			if want {
				matched++
			}
		}
	}
	if matched < compared/50 || matched > compared*49/50 {
		t.Fatalf("%d of %d texts matched: the comparison is one-sided", matched, compared)
	}
}

// Every character, and no ill-formed sequence, is described by its complement classes.
func TestClassesAreExact(t *testing.T) {
	t.Parallel()
	in, err := grammar.Compile(runesIn())
	if err != nil {
		t.Fatal(err)
	}
	ranges := []grammar.Range{{Lo: '0', Hi: 'a'}, {Lo: 'ß', Hi: 0xD7FF}, {Lo: 0xE000, Hi: 0x1F5FF}}
	out, err := grammar.Compile(grammar.Except(ranges...))
	if err != nil {
		t.Fatal(err)
	}
	ia, oa := in.Automaton(nil), out.Automaton(nil)
	for c := rune(0); c <= utf8.MaxRune; c++ {
		if !utf8.ValidRune(c) {
			continue
		}
		want := c >= '0' && c <= 'a' || c >= 'ß' && c <= 0x1F5FF
		b := utf8.AppendRune(nil, c)
		if got := ia.Accepting(ia.Walk(ia.Start(), b)); got != want {
			t.Fatalf("%U in the class: %v, want %v", c, got, want)
		}
		if got := oa.Accepting(oa.Walk(oa.Start(), b)); got == want {
			t.Fatalf("%U in the complement: %v, want %v", c, got, !want)
		}
	}
	for _, bad := range []string{"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xFF"} {
		if in.Match(bad) || out.Match(bad) {
			t.Errorf("ill-formed %q is described", bad)
		}
	}
}

func TestForced(t *testing.T) {
	t.Parallel()
	g, err := grammar.Compile(grammar.Sequence(grammar.Literal("go "), grammar.Words("left", "lift"), grammar.Optional(grammar.Literal("!"))))
	if err != nil {
		t.Fatal(err)
	}
	a := g.Automaton(nil)
	s, forced := a.Start(), ""
	for {
		c, ok := a.Forced(s)
		if !ok {
			break
		}
		forced += string(rune(c))
		s = a.Step(s, c)
	}
	if forced != "go l" {
		t.Fatalf("forced %q, want %q", forced, "go l")
	}
	end := a.Walk(s, []byte("eft"))
	if !a.Accepting(end) || a.Complete(end) {
		t.Errorf("after left: accepting %v, complete %v; want true, false", a.Accepting(end), a.Complete(end))
	}
	if _, ok := a.Forced(end); ok {
		t.Error("the optional mark is forced, but the text may end before it")
	}
	if end = a.Step(end, '!'); !a.Complete(end) {
		t.Error("after the mark the text must end")
	}
	if a.Step(end, '!') != grammar.Dead || a.Step(grammar.Dead, 'a') != grammar.Dead {
		t.Error("a step beyond the end is not dead")
	}
}

// With bytes missing from the alphabet, what needs them is gone, and what is left
// can be forced.
func TestAlphabet(t *testing.T) {
	t.Parallel()
	g, err := grammar.Compile(grammar.Words("abc", "axc", "ayd"))
	if err != nil {
		t.Fatal(err)
	}
	var alphabet [256]bool
	for _, c := range "abcxy" {
		alphabet[c] = true
	}
	a := g.Automaton(&alphabet)
	s := a.Step(a.Start(), 'a')
	if a.Step(s, 'y') != grammar.Dead {
		t.Error("ayd is still reachable without a d")
	}
	alphabet['b'] = false
	a = g.Automaton(&alphabet)
	if c, ok := a.Forced(a.Step(a.Start(), 'a')); !ok || c != 'x' {
		t.Errorf("after a: forced %q, %v; want x", c, ok)
	}
	alphabet['c'] = false
	if got := g.Automaton(&alphabet).Start(); got != grammar.Dead {
		t.Errorf("nothing is sayable, but the start is state %d", got)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	g, err := grammar.Compile(grammar.Quoted(grammar.Unlimited))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", "a", `say "hi"`, `back\slash\`, "two\nlines\tand", "naïve \u4e16\u754c \U0001F600", `<|im_end|>`, `\n`} {
		q := grammar.Quote(s)
		if !g.Match(q) {
			t.Errorf("%q is not described by Quoted", q)
		}
		got, err := grammar.Unquote(q)
		if err != nil || got != s {
			t.Errorf("Unquote(%q) = %q, %v; want %q", q, got, err, s)
		}
	}
	if got := grammar.Quote("a\x00\x1b\xff"); got != "\"a\uFFFD\uFFFD\uFFFD\"" {
		t.Errorf("control characters: got %q", got)
	}
	for _, s := range []string{``, `"`, `a`, `"a`, `"a"b"`, `"\"`, `"\x"`, "\"a\nb\"", "\"\xff\""} {
		if g.Match(s) {
			t.Errorf("%q is described by Quoted", s)
		}
		if _, err := grammar.Unquote(s); !errors.Is(err, grammar.ErrInvalid) {
			t.Errorf("Unquote(%q): got %v, want ErrInvalid", s, err)
		}
	}
	short, err := grammar.Compile(grammar.Quoted(3))
	if err != nil {
		t.Fatal(err)
	}
	if !short.Match("\"\u4e16\\\"\"") || short.Match(`"abcd"`) {
		t.Error("the bound of three characters is not kept")
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]grammar.Expr{
		"nil":            nil,
		"no alternative": grammar.Choice(),
		"nil part":       grammar.Sequence(grammar.Literal("a"), nil),
		"nil choice":     grammar.Choice(nil),
		"nil repeat":     grammar.Repeat(nil, 0, 1),
		"bounds":         grammar.Repeat(grammar.Literal("a"), 3, 2),
		"negative":       grammar.Repeat(grammar.Literal("a"), -1, 2),
		"not UTF-8":      grammar.Literal("\xff"),
		"backward range": grammar.Runes(grammar.Range{Lo: 'b', Hi: 'a'}),
		"surrogate":      grammar.Runes(grammar.Range{Lo: 'a', Hi: 0xDABC}),
		"no character":   grammar.Runes(),
		"too large":      grammar.Repeat(grammar.Repeat(grammar.Literal("abcdefgh"), 1000, 1000), 1000, 1000),
	} {
		if _, err := grammar.Compile(e); !errors.Is(err, grammar.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
}

// A screen of 300 elements with six verbs each stays quick to compile and walk.
func BenchmarkScreen(b *testing.B) {
	targets := make([]grammar.Expr, 300)
	for i := range targets {
		targets[i] = grammar.Literal(fmt.Sprintf(`button "Element number %d of the page"`, i))
	}
	var verbs []grammar.Expr
	for _, v := range []string{"click ", "doubleclick ", "rightclick ", "hover "} {
		verbs = append(verbs, grammar.Sequence(grammar.Literal(v), grammar.Choice(targets...)))
	}
	for b.Loop() {
		g, err := grammar.Compile(grammar.Choice(verbs...))
		if err != nil {
			b.Fatal(err)
		}
		a := g.Automaton(nil)
		if s := a.Walk(a.Start(), []byte(`rightclick button "Element number 299 of the page"`)); !a.Complete(s) {
			b.Fatal("not recognised")
		}
	}
}
