package generate_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
)

// Equal seeds give equal texts, others others, and all are of the grammar.
func TestSamplingIsRepeatable(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	prompt := w.Encode("p")
	g := screen(t)
	d := &decoder{logits: func(tokens []int32, dst []float32) {
		noise(tokens, dst)
		dst['"'] += 7 // so that texts end
	}}
	s := session(t, w, d)
	said := map[string]bool{}
	for seed := range uint64(60) {
		opts := generate.Options{Grammar: g, MaxTokens: 500, Sampling: generate.Sampling{Temperature: 4, MinP: 1e-5, Seed: seed}}
		first, err := s.Generate(t.Context(), prompt, opts)
		if err != nil {
			t.Fatal(err)
		}
		again, err := session(t, w, &decoder{logits: d.logits}).Generate(t.Context(), prompt, opts)
		if err != nil {
			t.Fatal(err)
		}
		if first.Text != again.Text || !slices.EqualFunc(first.Choices, again.Choices, func(a, b generate.Choice) bool {
			return a.Token == b.Token && a.Offset == b.Offset && a.Logprob == b.Logprob
		}) {
			t.Fatalf("seed %d said %q, then %q", seed, first.Text, again.Text)
		}
		if !g.Match(first.Text) || !slices.Equal(first.Tokens, w.Encode(first.Text)) {
			t.Fatalf("seed %d said %q in %v", seed, first.Text, first.Tokens)
		}
		said[first.Text] = true
	}
	if len(said) < 20 {
		t.Errorf("60 seeds said only %d different texts", len(said))
	}
}

// A choice lists the most probable tokens with the model's own probabilities among
// the allowed ones, by hand.
func TestAlternatives(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	prompt := w.Encode("p")
	d := scripted(w, "pyab")
	g := compile(t, grammar.Sequence(grammar.Words("xab", "yab", "zab"), grammar.Optional(grammar.Literal("1"))))
	res, err := session(t, w, d).Generate(t.Context(), prompt, generate.Options{Grammar: g, Alternatives: 2, Sampling: generate.Sampling{Temperature: 0.01}})
	if err != nil {
		t.Fatal(err)
	}
	sum := math.Exp(1) + math.Exp(3) + math.Exp(2)
	want := []generate.Choice{
		{'y', 0, 3 - math.Log(sum), []generate.Alternative{{'y', 3 - math.Log(sum)}, {'z', 2 - math.Log(sum)}}},
		{w.end(), 3, math.Log(0.75), []generate.Alternative{{w.end(), math.Log(0.75)}, {'1', math.Log(0.25)}}},
	}
	if res.Text != "yab" || len(res.Choices) != len(want) {
		t.Fatalf("said %q with choices %+v", res.Text, res.Choices)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-6 }
	for i, c := range res.Choices {
		if c.Token != want[i].Token || c.Offset != want[i].Offset || !near(c.Logprob, want[i].Logprob) || len(c.Alternatives) != 2 {
			t.Errorf("choice %d is %+v, want %+v", i, c, want[i])
			continue
		}
		for j, a := range c.Alternatives {
			if b := want[i].Alternatives[j]; a.Token != b.Token || !near(a.Logprob, b.Logprob) {
				t.Errorf("choice %d: alternative %d is %+v, want %+v", i, j, a, b)
			}
		}
	}
}

func TestOptionErrors(t *testing.T) {
	t.Parallel()
	w := newWords()
	s := session(t, w, &decoder{logits: noise})
	for want, opts := range map[string]generate.Options{
		"MaxTokens is -1":     {MaxTokens: -1},
		"Alternatives is -2":  {Alternatives: -2},
		"Temperature is -1":   {Sampling: generate.Sampling{Temperature: -1}},
		"Temperature is NaN":  {Sampling: generate.Sampling{Temperature: math.NaN()}},
		"Temperature is +Inf": {Sampling: generate.Sampling{Temperature: math.Inf(1)}},
		"TopK is -3":          {Sampling: generate.Sampling{Temperature: 1, TopK: -3}},
		"TopP is 1.5":         {Sampling: generate.Sampling{Temperature: 1, TopP: 1.5}},
		"TopP is NaN":         {Sampling: generate.Sampling{Temperature: 1, TopP: math.NaN()}},
		"MinP is -0.1":        {Sampling: generate.Sampling{Temperature: 1, MinP: -0.1}},
	} {
		if _, err := s.Generate(t.Context(), w.Encode("p"), opts); !errors.Is(err, generate.ErrOption) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("got %v, want ErrOption: %s", err, want)
		}
	}
}

// A grammar whose automaton has no bound is stopped with an error: each text of a
// and b leads to another state, and each state stands at 12,000 nodes.
func TestGrammarWithoutBound(t *testing.T) {
	t.Parallel()
	w := newWords()
	loops := make([]grammar.Expr, 4000)
	for i := range loops {
		loops[i] = grammar.Sequence(grammar.Repeat(grammar.Words("a", "b"), 0, grammar.Unlimited), grammar.Literal(fmt.Sprint(i)))
	}
	loops[0] = grammar.Sequence(loops[0], grammar.Repeat(grammar.Words("a", "b"), 60, 60))
	loops[1] = grammar.Sequence(grammar.Repeat(grammar.Words("a", "b"), 0, grammar.Unlimited), grammar.Literal("a"), grammar.Repeat(grammar.Words("a", "b"), 60, 60))
	d := &decoder{logits: func(tokens []int32, dst []float32) {
		noise(tokens, dst)
		dst['a'] += 100
		dst['b'] += 100
	}}
	_, err := session(t, w, d).Generate(t.Context(), w.Encode("p"), generate.Options{Grammar: compile(t, grammar.Choice(loops...)), MaxTokens: 2000})
	if !errors.Is(err, grammar.ErrInvalid) {
		t.Errorf("got %v, want grammar.ErrInvalid", err)
	}
}
