package generate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

// smolLM is the base model's tokenizer.
func smolLM(tb testing.TB) *tokenizer.Tokenizer {
	tb.Helper()
	f, err := gguf.Open(golden.ModelPath(tb))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	tok, err := tokenizer.FromGGUF(f)
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

// page makes a random screen: its grammar and what can be said on it.
func page(r *rand.Rand) (grammar.Expr, []string) {
	words := []string{"Log in", "Log out", "Cancel", "OK", "...", "a\"b", "Naïve café", "Save as...", "'s", "2,000 €", "\u65e5\u672c\u8a9e", "New", "New window", "New Window", " x", "\tTab", "(1)", "#1", "Re: Fwd:", "\U0001F600"}
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	var targets []string
	for _, w := range words[:1+r.IntN(len(words))] {
		kind := []string{"button", "link", "text"}[r.IntN(3)]
		targets = append(targets, kind+" "+grammar.Quote(w))
		if r.IntN(4) == 0 {
			targets = append(targets, kind+" "+grammar.Quote(w)+" #2")
		}
	}
	verbs := []string{"click ", "doubleclick ", "hover "}
	typed := "type " + grammar.Quote(strings.Join(words[:r.IntN(4)], " "))
	say := []string{typed, "wait", fmt.Sprintf("wait %d", r.IntN(100)), "scroll down"}
	for _, t := range targets {
		say = append(say, verbs[r.IntN(3)]+t, "drag "+t+" to "+targets[r.IntN(len(targets))])
	}
	target := grammar.Words(targets...)
	return grammar.Choice(
		grammar.Sequence(grammar.Words(verbs...), target),
		grammar.Sequence(grammar.Literal("drag "), target, grammar.Literal(" to "), target),
		grammar.Sequence(grammar.Literal("type "), grammar.Quoted(grammar.Unlimited)),
		grammar.Sequence(grammar.Literal("wait"), grammar.Optional(grammar.Sequence(grammar.Literal(" "), grammar.Digits(1, 2)))),
		grammar.Words("scroll up", "scroll down"),
	), say
}

// planned is a decoder that wants one text in the base model's own tokens, and
// answers anything else with the end of the turn.
type planned struct {
	prompt int
	plan   []int32
	cache  []int32
	passes int
	lost   bool
}

func (p *planned) Capacity() int  { return 4096 }
func (p *planned) Truncate(n int) { p.cache = p.cache[:n] }

func (p *planned) Forward(_ context.Context, _ *lora.Adapter, tokens []int32, dst []float32) error {
	p.cache = append(p.cache, tokens...)
	p.passes++
	clear(dst)
	said := p.cache[p.prompt:]
	if p.lost = p.lost || !slices.Equal(said, p.plan[:min(len(said), len(p.plan))]) || len(said) >= len(p.plan); !p.lost {
		dst[p.plan[len(said)]] = 20
	}
	return nil
}

func (p *planned) Score(context.Context, *lora.Adapter, []int32, [][]int32, [][]float64) error {
	return nil
}

// With the real vocabulary: a model that was trained on the tokenizer's own splits
// can say every action of random screens in just these, and is never asked in any
// other context.
func TestRealVocabulary(t *testing.T) {
	t.Parallel()
	tok := smolLM(t)
	vocab, err := generate.NewVocabulary(tok)
	if err != nil {
		t.Fatal(err)
	}
	eos, ok := tok.EOS()
	if !ok {
		t.Fatal("no end of turn")
	}
	r := rand.New(rand.NewPCG(8, 8))
	prompt := tok.Encode("Screen:\n")
	said, tokens, passes := 0, 0, 0
	for range 60 {
		expr, say := page(r)
		g := compile(t, expr)
		d := &planned{prompt: len(prompt)}
		s, err := generate.NewSession(d, vocab)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range say {
			if !g.Match(text) {
				t.Fatalf("%q is not of its own grammar", text)
			}
			*d = planned{prompt: len(prompt), plan: append(tok.Encode(text), eos), cache: d.cache}
			res, err := s.Generate(t.Context(), prompt, generate.Options{Grammar: g})
			if err != nil {
				t.Fatal(err)
			}
			if res.Text != text || d.lost || !slices.Equal(res.Tokens, d.plan[:len(d.plan)-1]) {
				t.Fatalf("said %q in %v (lost %v), want %q in %v", res.Text, res.Tokens, d.lost, text, d.plan)
			}
			if res.Confidence < 0.99 {
				t.Fatalf("%q: confidence %g", text, res.Confidence)
			}
			said, tokens, passes = said+1, tokens+len(res.Tokens), passes+d.passes
		}
	}
	t.Logf("%d actions of %.1f tokens in %.1f passes", said, float64(tokens)/float64(said), float64(passes)/float64(said))
	if passes >= tokens {
		t.Errorf("%d passes for %d tokens: nothing was forced", passes, tokens)
	}
}

func BenchmarkNewVocabulary(b *testing.B) {
	tok := smolLM(b)
	for b.Loop() {
		if _, err := generate.NewVocabulary(tok); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGenerate is all but the model: a new screen, its automaton and masks.
func BenchmarkGenerate(b *testing.B) {
	tok := smolLM(b)
	vocab, err := generate.NewVocabulary(tok)
	if err != nil {
		b.Fatal(err)
	}
	eos, _ := tok.EOS()
	expr, _ := page(rand.New(rand.NewPCG(1, 1)))
	prompt := tok.Encode("Screen:\n")
	for _, text := range []string{"scroll down", `type "hello world, this is a longer text to type"`} {
		b.Run(text[:4], func(b *testing.B) {
			for b.Loop() {
				g, err := grammar.Compile(expr)
				if err != nil {
					b.Fatal(err)
				}
				d := &planned{prompt: len(prompt), plan: append(tok.Encode(text), eos)}
				s, err := generate.NewSession(d, vocab)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Generate(b.Context(), prompt, generate.Options{Grammar: g}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
