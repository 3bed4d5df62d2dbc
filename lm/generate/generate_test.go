package generate_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
)

var vocabulary = []string{
	"click", " button", " \"", "Log", " in", " out", " left", " right", "go", "hello", "hel", "lo", " world",
	"type", "\".", "...", " \"...", "<|im_end|>", "é", " é", "im_end", "wait", "\xf0\x9f", "\x98\x80", "ab", "bc", "abc",
}

// screen has two buttons and a field to type into.
func screen(t *testing.T) *grammar.Grammar {
	return compile(t, grammar.Choice(
		grammar.Sequence(grammar.Literal("click button "), grammar.Words(`"Log in"`, `"Log out"`, `"Cancel"`)),
		grammar.Sequence(grammar.Literal("type "), grammar.Quoted(grammar.Unlimited)),
		grammar.Sequence(grammar.Literal("wait"), grammar.Optional(grammar.Sequence(grammar.Literal(" "), grammar.Digits(1, 2)))),
	))
}

func TestSaysWhatTheModelWants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		finish   generate.Finish
		forwards int
	}{
		// click, then `Log` against `Cancel`, then ` in` against ` out`
		{`click button "Log in"`, generate.Complete, 3},
		{`click button "Cancel"`, generate.Complete, 2},
		// type, ` "` against ` "...`, then five choices inside, ended by the quote
		{`type "hello world é <|im_end|>"`, generate.Complete, 8},
		{`type ""`, generate.Complete, 3},
		{`type "...` + `"`, generate.Complete, 3},
		{`wait`, generate.Stopped, 2},
		{`wait 5`, generate.Stopped, 4},
		{`wait 37`, generate.Complete, 4},
		{"type \"\U0001F600\"", generate.Complete, 5},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			w := newWords(vocabulary...)
			prompt := w.Encode("do it: ")
			d := &decoder{logits: wants(w, prompt, c.text)}
			res, err := session(t, w, d).Generate(t.Context(), prompt, generate.Options{Grammar: screen(t)})
			if err != nil {
				t.Fatal(err)
			}
			if res.Text != c.text || res.Finish != c.finish {
				t.Errorf("said %q (%v), want %q (%v)", res.Text, res.Finish, c.text, c.finish)
			}
			if want := w.Encode(c.text); !slices.Equal(res.Tokens, want) {
				t.Errorf("tokens %v, want the canonical %v", res.Tokens, want)
			}
			if res.Stats.Forwards != c.forwards || len(d.passes) != c.forwards {
				t.Errorf("%d forward passes (%v), want %d", res.Stats.Forwards, d.passes, c.forwards)
			}
			if res.Confidence < 0.6 || res.Confidence > 1 {
				t.Errorf("confidence %.3f for a model that is sure", res.Confidence)
			}
		})
	}
}

// A tokenizer that takes only whole characters gets none that is being written.
func TestCharactersInParts(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	w.strict = true
	prompt := w.Encode("p")
	const text = "type \"go\U0001F600 \U0001F600lo\""
	d := &decoder{logits: wants(w, prompt, text)}
	res, err := session(t, w, d).Generate(t.Context(), prompt, generate.Options{Grammar: screen(t)})
	if err != nil || res.Text != text || !slices.Equal(res.Tokens, w.Encode(text)) {
		t.Errorf("said %q in %v, %v; want %q in %v", res.Text, res.Tokens, err, text, w.Encode(text))
	}
}

// Whatever the model wants, only what the grammar describes is said, in canonical
// tokens, and no special token is part of it.
func TestForbiddenTextCannotBeSaid(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	g := screen(t)
	said := map[string]bool{}
	for seed := range int32(300) {
		prompt := append(w.Encode("prompt "), seed%256, seed/256)
		d := &decoder{logits: func(tokens []int32, dst []float32) {
			noise(tokens, dst)
			for i := range dst[len(w.texts):] { // the end of the turn and the other special token
				dst[len(w.texts)+i] = 50
			}
			for _, id := range w.Encode("delete everything") {
				dst[id] += 2
			}
			dst['"'] += 9 // so that texts end
		}}
		res, err := session(t, w, d).Generate(t.Context(), prompt, generate.Options{Grammar: g, MaxTokens: 1000})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if res.Finish == generate.Length || !g.Match(res.Text) {
			t.Fatalf("seed %d: said %q (%v), which the grammar does not describe", seed, res.Text, res.Finish)
		}
		if !slices.Equal(res.Tokens, w.Encode(res.Text)) {
			t.Fatalf("seed %d: %q is said in tokens %v, want %v", seed, res.Text, res.Tokens, w.Encode(res.Text))
		}
		if res.Confidence < 0 || res.Confidence > 1 || res.MinLogprob > res.MeanLogprob {
			t.Fatalf("seed %d: confidence %g, mean %g, min %g", seed, res.Confidence, res.MeanLogprob, res.MinLogprob)
		}
		said[res.Text] = true
	}
	if len(said) < 30 {
		t.Fatalf("only %d different texts were said: the model is no test", len(said))
	}
}

func TestForcedTextNeedsNoPass(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	d := &decoder{logits: noise}
	s := session(t, w, d)
	only := compile(t, grammar.Literal(`click button "Log in"`))
	res, err := s.Generate(t.Context(), w.Encode("p"), generate.Options{Grammar: only})
	if err != nil {
		t.Fatal(err)
	}
	if res.Text != `click button "Log in"` || len(d.passes) != 0 || res.Confidence != 1 || res.Finish != generate.Complete {
		t.Errorf("said %q with %d passes, confidence %g; want the only action, no pass, 1", res.Text, len(d.passes), res.Confidence)
	}
	if res.Stats.Forced != 6 || res.Stats.Chosen != 0 {
		t.Errorf("%d forced and %d chosen tokens, want 6 and 0", res.Stats.Forced, res.Stats.Chosen)
	}

	// The forced beginning is computed together with the prompt, the forced middle
	// together with the choice before it.
	d.logits = wants(w, w.Encode("p"), `click button "Log in" left`)
	g := compile(t, grammar.Sequence(grammar.Literal(`click button "Log`), grammar.Words(` in" `, ` out" `), grammar.Words("left", "right")))
	res, err = s.Generate(t.Context(), w.Encode("p"), generate.Options{Grammar: g})
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{5, 2}; res.Text != `click button "Log in" left` || !slices.Equal(d.passes, want) {
		t.Errorf("said %q in passes of %v tokens, want %v", res.Text, d.passes, want)
	}
	if res.Stats.Forced != 5 || res.Stats.Chosen != 2 || res.Stats.Prefilled != 5 || res.Stats.Decoded != 2 {
		t.Errorf("stats %+v", res.Stats)
	}
}

// Where a chosen token and the text after it make another canonical split, the
// cache is corrected before the model reads on.
func TestCacheHoldsCanonicalTokens(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	prompt := w.Encode("p")
	d := &decoder{logits: func(tokens []int32, dst []float32) {
		switch w.text(tokens) {
		case "p":
			dst[slices.IndexFunc(w.texts, func(t []byte) bool { return string(t) == "hel" })] = 9
		case "phel":
			dst['l'] = 9
		case "phell":
			dst['o'] = 9
		case "phello":
			if want := slices.Concat(prompt, w.Encode("hello")); !slices.Equal(tokens, want) {
				t.Errorf("the model reads %v, want %v", tokens, want)
			}
			dst[w.end()] = 9
		}
	}}
	res, err := session(t, w, d).Generate(t.Context(), prompt, generate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if res.Text != "hello" || len(res.Tokens) != 1 || res.Finish != generate.Stopped {
		t.Errorf("said %q in %d tokens (%v), want hello in one", res.Text, len(res.Tokens), res.Finish)
	}
	if want := []int{1, 1, 1, 1}; !slices.Equal(d.passes, want) {
		t.Errorf("passes of %v tokens, want %v: a correction costs no pass of its own", d.passes, want)
	}
}

// scripted is a model that prefers y to z to x after the prompt "p", and, three to one, the end to 1 after second.
func scripted(w *words, second string) *decoder {
	return &decoder{logits: func(tokens []int32, dst []float32) {
		for i := range dst {
			dst[i] = 30 // what is not allowed does not count
		}
		switch w.text(tokens) {
		case "p":
			dst['x'], dst['y'], dst['z'] = 1, 3, 2
		case second:
			dst['1'], dst[w.end()] = 0, float32(math.Log(3))
		}
	}}
}

// Confidence is the product of the renormalised probabilities, by hand.
func TestConfidence(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	prompt := w.Encode("p")
	d := scripted(w, "py")
	g := compile(t, grammar.Sequence(grammar.Words("x", "y", "z"), grammar.Optional(grammar.Literal("1"))))
	res, err := session(t, w, d).Generate(t.Context(), prompt, generate.Options{Grammar: g})
	if err != nil {
		t.Fatal(err)
	}
	first := math.Exp(3) / (math.Exp(1) + math.Exp(3) + math.Exp(2))
	second := 0.75
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s is %.9f, want %.9f", name, got, want)
		}
	}
	if res.Text != "y" || res.Finish != generate.Stopped {
		t.Fatalf("said %q (%v), want y", res.Text, res.Finish)
	}
	near("confidence", res.Confidence, first*second)
	near("mean logprob", res.MeanLogprob, (math.Log(first)+math.Log(second))/2)
	near("min logprob", res.MinLogprob, math.Log(first))
}

func TestLength(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	prompt := w.Encode("p")
	s := session(t, w, &decoder{logits: wants(w, prompt, strings.Repeat("go left", 200))})
	res, err := s.Generate(t.Context(), prompt, generate.Options{MaxTokens: 5})
	if err != nil {
		t.Fatal(err)
	}
	if res.Finish != generate.Length || res.Text != strings.Repeat("go left", 2)+"go" || len(res.Tokens) != 5 {
		t.Errorf("said %q in %d tokens (%v)", res.Text, len(res.Tokens), res.Finish)
	}
	res, err = s.Generate(t.Context(), prompt, generate.Options{Stop: w.Encode(" left")})
	if err != nil {
		t.Fatal(err)
	}
	// A stop token that also has a text is taken as text first.
	if res.Finish != generate.Length || len(res.Tokens) != generate.DefaultMaxTokens {
		t.Errorf("stop on a text token: %d tokens (%v)", len(res.Tokens), res.Finish)
	}
	special := w.end() + 1
	s = session(t, w, &decoder{logits: func(tokens []int32, dst []float32) { dst['x'], dst[special] = 1, 2 }})
	if res, err = s.Generate(t.Context(), prompt, generate.Options{Stop: []int32{special}}); err != nil || res.Text != "" || res.Finish != generate.Stopped {
		t.Errorf("stop token: said %q (%v), %v", res.Text, res.Finish, err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	broken := errors.New("broken")
	two := compile(t, grammar.Words("a", "b"))
	nan := func(_ []int32, dst []float32) { dst['a'] = float32(math.NaN()) }
	for name, c := range map[string]struct {
		d      *decoder
		prompt []int32
		opts   generate.Options
		want   error
	}{
		"empty prompt":  {&decoder{logits: noise}, nil, generate.Options{}, generate.ErrPrompt},
		"unknown token": {&decoder{logits: noise}, []int32{int32(w.Size())}, generate.Options{}, generate.ErrPrompt},
		"too long":      {&decoder{logits: noise, capacity: 3}, w.Encode("xxxx"), generate.Options{Grammar: two}, generate.ErrContext},
		"cancelled":     {&decoder{logits: noise}, w.Encode("p"), generate.Options{Grammar: two}, context.Canceled},
		"model fails":   {&decoder{logits: noise, fail: broken}, w.Encode("p"), generate.Options{Grammar: two}, broken},
		"not a number":  {&decoder{logits: nan}, w.Encode("p"), generate.Options{Grammar: two}, generate.ErrLogits},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if errors.Is(c.want, context.Canceled) {
			cancel()
		}
		_, err := session(t, w, c.d).Generate(ctx, c.prompt, c.opts)
		cancel()
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if _, err := session(t, w, &decoder{}).Generate(t.Context(), w.Encode("p"), generate.Options{MaxTokens: -1}); err == nil {
		t.Error("negative max tokens: no error")
	}
}

// A vocabulary without some byte cannot begin a text that needs it.
func TestUnsayable(t *testing.T) {
	t.Parallel()
	w := newWords("clap")
	w.texts['q'] = nil
	d := &decoder{logits: func(_ []int32, dst []float32) { dst['q'], dst['c'] = 9, 1 }}
	s := session(t, w, d)
	if _, err := s.Generate(t.Context(), []int32{'p'}, generate.Options{Grammar: compile(t, grammar.Literal("quit"))}); !errors.Is(err, generate.ErrUnsayable) {
		t.Errorf("got %v, want ErrUnsayable", err)
	}
	res, err := s.Generate(t.Context(), []int32{'p'}, generate.Options{Grammar: compile(t, grammar.Words("quit", "squat", "clap"))})
	if err != nil || res.Text != "clap" || len(d.passes) != 0 {
		t.Errorf("said %q with %d passes, %v; want the only sayable action", res.Text, len(d.passes), err)
	}
}

func TestFinishString(t *testing.T) {
	t.Parallel()
	got := fmt.Sprint(generate.Complete, generate.Stopped, generate.Length, generate.Finish(9))
	if got != "complete stopped length Finish(9)" {
		t.Error(got)
	}
}
