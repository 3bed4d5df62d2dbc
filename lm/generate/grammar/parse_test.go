package grammar_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

func ExampleParse() {
	g, err := grammar.Parse(`
		# what can be done on a screen
		root   ::= "click " target | "wait" (" " number)?
		target ::= ("button" | "link") " \"" [^"\\]{1,40} "\""
		number ::= [1-9] [0-9]*
	`)
	if err != nil {
		panic(err)
	}
	for _, s := range []string{`click link "Log in"`, `click icon "Log in"`, `wait 30`, `wait 030`} {
		fmt.Println(g.Match(s), s)
	}
	// Output:
	// true click link "Log in"
	// false click icon "Log in"
	// true wait 30
	// false wait 030
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		yes, no []string
	}{
		{`root ::= "a"`, []string{"a"}, []string{"", "aa", "b"}},
		{`root ::= `, []string{""}, []string{"a"}},
		{`root ::= "a" | `, []string{"a", ""}, []string{"b"}},
		{`root ::= ("a" | ("b" "c"?))+ "d"`, []string{"ad", "bcabd"}, []string{"d", "acd"}},
		{`root ::= "a"{3} "b"{2,} "c"{0,1} "d"{ 1 , 2 }`, []string{"aaabbd", "aaabbbbcdd"}, []string{"aabbd", "aaabd", "aaabbccd", "aaabbddd"}},
		{`root ::= [a-c0-] [^a-c\n] [-x] [\]\-\^] [^^]`, []string{"bdx]a", "0^-^-", "-0--b"}, []string{"bax]a", "b\nx]a", "bdx]^", "bdxxa"}},
		{`root ::= . "\x41\u00e9\U0001F600\"\\\n\t\r"`, []string{"zAé😀\"\\\n\t\r", "\u4e16Aé😀\"\\\n\t\r"}, []string{"Aé😀\"\\\n\t\r"}},
		{`root ::= [\u4e00-\u9fff]+`, []string{"\u4e16\u754c"}, []string{"", "a", "\u4e16a"}},
		{"root ::= a_1 b-2 # comment ::= \"x\n# b-2 ::=\n\na_1::=\"a\"\r\nb-2 ::=\n  \"b\"\n  | \"c\"", []string{"ab", "ac"}, []string{"a", "ax"}},
		{`root ::= (((("a")))?)*`, []string{"", "aaa"}, []string{"b"}},
		{`root ::= ("" "a"*)*`, []string{"", "aaa"}, []string{"b"}},
		// Calls at the end of a rule are loops, also through other rules and in alternatives.
		{`root ::= item | item "," root
		  item ::= "x"`, []string{"x", "x,x,x"}, []string{"", "x,", ",x"}},
		{`root ::= "a" other | "."
		  other ::= "b" root | "!"`, []string{".", "a!", "ab.", "aba!"}, []string{"a.", "ab", "aab!"}},
		{`root ::= "<" ws "a" ws ">"
		  ws ::= ([ \t\n] ws)?`, []string{"<a>", "< \n\ta  >"}, []string{"< b>", "<aa>"}},
		{`root ::= more "-" (more)
		  more ::= "l" more | "l"`, []string{"l-l", "lll-ll"}, []string{"l-", "-l", "l-l-l"}},
		{`root ::= root | "a"`, []string{"a"}, []string{"", "aa"}},
		{`root ::= "a" | "b" (dead)
		  dead ::= "c" dead`, []string{"a"}, []string{"b", "bc"}},
	} {
		g, err := grammar.Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		for _, s := range c.yes {
			if !g.Match(s) {
				t.Errorf("%s: does not describe %q", c.text, s)
			}
		}
		for _, s := range c.no {
			if g.Match(s) {
				t.Errorf("%s: describes %q", c.text, s)
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 `line 1, column 1: there is no rule named "root"`,
		"# only this\n":                    `line 2, column 1: there is no rule named "root"`,
		"start ::= \"a\"":                  `there is no rule named "root"`,
		"root = \"a\"":                     `line 1, column 6: '=' where ::= was expected after the name "root"`,
		"::= \"a\"":                        `line 1, column 1: ':' where a rule's name was expected`,
		"root ::= \"a\n\"":                 `line 1, column 12: the literal that begins in line 1, column 10 does not end`,
		"root ::=\n  \"é\" [a-":            `line 2, column 10: the class that begins in line 2, column 7 does not end`,
		"root ::= (\"a\" | (\"b\")":        `line 1, column 22: the end of the text where ) was expected, which ends the ( of line 1, column 10`,
		"root ::= \"a\")":                  `line 1, column 13: ')' where the end of rule "root" was expected`,
		"root ::= * \"a\"":                 `line 1, column 10: '*' where the end of rule "root" was expected`,
		"root ::= \"a\"{2,1}":              `line 1, column 13: a repetition of 2 to 1 times`,
		"root ::= \"a\"{,1}":               `line 1, column 14: ',' where a count was expected`,
		"root ::= \"a\"{1;2}":              `line 1, column 15: ';' where } was expected`,
		"root ::= \"a\"{99999999999}":      `line 1, column 14: a count of more than 2147483647`,
		"root ::= \"\\q\"":                 `line 1, column 11: no such escape: a backslash before 'q'`,
		"root ::= \"\\x4\"":                `line 1, column 11: the escape \x needs 2 hexadecimal digits`,
		"root ::= \"\\u12":                 `the escape \u needs 4 hexadecimal digits`,
		"root ::= \"\\ud800\"":             `line 1, column 11: 0xd800 is no character`,
		"root ::= \"\\U00110000\"":         `0x110000 is no character`,
		"root ::= \"\\":                    `a backslash at the end of the text`,
		"root ::= [z-a]":                   `line 1, column 11: a range from 'z' down to 'a'`,
		"root ::= []":                      `line 1, column 10: a class without characters`,
		"root ::= [^\\x00-\\U0010ffff]":    `line 1, column 10: a class that leaves no character`,
		"root ::= \"\xff\"":                `line 1, column 11: the text is not UTF-8`,
		"root ::= \"a\"\nroot ::= \"b\"":   `line 2, column 1: rule "root" was defined in line 1 already`,
		"root ::= a\n":                     `line 1, column 10: there is no rule named "a"`,
		"root ::= \"(\" root \")\" | \"\"": `line 1, column 1: rule "root" calls itself other than at its end`,
		"root ::= (a)\na ::= \"x\" b | \"\"\nb ::= a \"y\"": `line 2, column 1: rule "a" calls itself other than at its end`,
		"root ::= \"x\" | root \"x\"":                       `rule "root" calls itself other than at its end`,
		"root ::= \"a\" root":                               `line 1, column 1: no text is described`,
		"root ::= root":                                     `no text is described`,
		"root ::= " + strings.Repeat("(", 1000):             `parentheses are nested deeper than 200`,
		"root ::= \"a\"" + strings.Repeat("?", 1000):        `more than 200 repetitions of one item`,
		"root ::= ((\"ab\"{1000}){1000}){1000}":             `it needs 2001001002 states or more, the most are 1048576`,
		"root ::= (\"\"{2000000000}){2000000000}":           `states or more, the most are 1048576`,
		"root ::= [^a]{100000}":                             `it needs more than 1048576 states`,
	} {
		_, err := grammar.Parse(text)
		if !errors.Is(err, grammar.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: got %v, want %s", text, err, want)
		}
	}
}

// Rules that double each other are refused by arithmetic, not by building them.
func TestParseExplosion(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("root ::= r0\n")
	for i := range 150 {
		fmt.Fprintf(&b, "r%d ::= (r%[2]d) r%[2]d\n", i, i+1)
	}
	for _, leaf := range []string{`"a"`, `""`} {
		_, err := grammar.Parse(b.String() + "r150 ::= " + leaf)
		if !errors.Is(err, grammar.ErrInvalid) || !strings.Contains(err.Error(), "states or more") {
			t.Errorf("got %v", err)
		}
	}
	b.Reset()
	b.WriteString("root ::= r0\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "r%d ::= r%d\n", i, i+1)
	}
	if _, err := grammar.Parse(b.String() + `r10000 ::= ""`); !errors.Is(err, grammar.ErrInvalid) || !strings.Contains(err.Error(), "rules are nested deeper than 200") {
		t.Errorf("a chain of rules: got %v", err)
	}
}

// An automaton whose states are sets without end is stopped, and says so.
func TestAutomatonIsBounded(t *testing.T) {
	t.Parallel()
	g, err := grammar.Parse(`root ::= ("a" | "b")* "a" ("a" | "b"){60} | ("a"?){5000}`)
	if err != nil {
		t.Fatal(err)
	}
	a := g.Automaton(nil)
	s := a.Start()
	r := rand.New(rand.NewPCG(1, 1))
	for i := 0; s != grammar.Dead && i < 1<<20; i++ {
		s = a.Step(s, "ab"[r.IntN(2)])
	}
	if s != grammar.Dead || !errors.Is(a.Err(), grammar.ErrInvalid) || !strings.Contains(a.Err().Error(), "still growing") {
		t.Errorf("state %d, error %v", s, a.Err())
	}
	if a.Step(a.Start(), 'c') != grammar.Dead || !a.Accepting(a.Start()) {
		t.Error("the automaton does not stand where it stood")
	}
}

func TestLoops(t *testing.T) {
	t.Parallel()
	g, err := grammar.Parse(`root ::= "say \"" [^"\\é]* "\"" | "a"*`)
	if err != nil {
		t.Fatal(err)
	}
	a := g.Automaton(nil)
	in := a.Walk(a.Start(), []byte(`say "x`))
	for c := range 256 {
		want := c < 0x80 && c != '"' && c != '\\'
		if got := a.Loops(in).Has(byte(c)); got != want {
			t.Errorf("inside the quotes, after %q: %v, want %v", rune(c), got, want)
		}
	}
	if *a.Loops(a.Start()) != (grammar.Bytes{}) || *a.Loops(grammar.Dead) != (grammar.Bytes{}) {
		t.Error("the start or the dead state loops")
	}
}

// A text that parses describes what its automaton recognises, and its size is in
// proportion; nothing panics or runs away.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`root ::= "click " target | "wait" (" " number)? # end
		target ::= ("button" | "link") " \"" [^"\\]{1,4} "\""
		number ::= [1-9] [0-9]*`,
		`root ::= item | item "," root
		item ::= [\x41-\u00e9] . "\U0001F600"{2,}`,
		`root ::= "(" root ")" | ""`,
		`root ::= (((""*)+)?){3}{2,5}`,
		`root ::= root`,
		"root::=[^a-]{0,9}a\na::=[-\\]\\^]",
	} {
		f.Add(s, "click link")
	}
	f.Fuzz(func(t *testing.T, text, said string) {
		g, err := grammar.Parse(text)
		if err != nil {
			if !errors.Is(err, grammar.ErrInvalid) {
				t.Fatalf("%q: %v is no ErrInvalid", text, err)
			}
			return
		}
		a := g.Automaton(nil)
		s := a.Start()
		if s == grammar.Dead {
			t.Fatalf("%q describes no text, and no error", text)
		}
		for i := range min(len(said), 64) {
			c, forced := a.Forced(s)
			if forced && a.Step(s, c) == grammar.Dead {
				t.Fatalf("%q: %q is forced and leads nowhere", text, c)
			}
			if s = a.Step(s, said[i]); s == grammar.Dead {
				break
			}
		}
	})
}
