package bench

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// pattern turns a grammar in llama.cpp's notation, of the kind that gbnf writes, into a regular expression.
func pattern(t *testing.T, text string) *regexp.Regexp {
	t.Helper()
	rules := map[string]string{}
	for line := range strings.Lines(text) {
		name, body, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ::= ")
		if !ok {
			t.Fatalf("%q is no rule", line)
		}
		rules[name] = body
	}
	var b strings.Builder
	var write func(body string)
	write = func(body string) {
		for body != "" {
			switch c := body[0]; {
			case c == '"':
				literal := ""
				for body = body[1:]; body[0] != '"'; body = body[1:] {
					if body[0] == '\\' {
						body = body[1:]
					}
					literal += body[:1]
				}
				b.WriteString(regexp.QuoteMeta(literal))
				body = body[1:]
			case c == ' ':
				body = body[1:]
			case strings.ContainsRune("()|", rune(c)):
				b.WriteByte(c)
				body = body[1:]
			default:
				end := strings.IndexAny(body+" ", " ()|")
				rule, ok := rules[body[:end]]
				if !ok {
					t.Fatalf("there is no rule at %q", body)
				}
				write(rule)
				body = body[end:]
			}
		}
	}
	write(rules["root"])
	return regexp.MustCompile("^(?:" + b.String() + ")$")
}

// Both forms of the grammar describe the same actions.
func TestActionsInBothForms(t *testing.T) {
	t.Parallel()
	elements := []string{`button "Log in"`, `text "say \"x\" \\ y"`, `link "Logout"`}
	r := actions(elements)
	g, err := grammar.Compile(r.expr())
	if err != nil {
		t.Fatal(err)
	}
	p := pattern(t, gbnf(r))
	right := []string{
		`click button "Log in"`, `hover text "say \"x\" \\ y"`, `drag link "Logout" to button "Log in"`,
		"key ctrl+shift+a", "key enter", "scroll down 10", "wait 30", `open "files"`, "done",
	}
	for _, text := range right {
		if !g.Match(text) || !p.MatchString(text) {
			t.Errorf("%s: ours says %v, llama.cpp's %v", text, g.Match(text), p.MatchString(text))
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	matched := 0
	for range 5000 { // a right text with a piece cut out or put in
		text := right[rng.IntN(len(right))]
		i := rng.IntN(len(text))
		other := right[rng.IntN(len(right))]
		j := rng.IntN(len(other))
		text = text[:i] + other[j:]
		if g.Match(text) != p.MatchString(text) {
			t.Fatalf("%s: ours says %v, llama.cpp's %v", text, g.Match(text), p.MatchString(text))
		}
		if g.Match(text) {
			matched++
		}
	}
	if matched < 50 {
		t.Errorf("only %d of the texts are actions", matched)
	}
}
