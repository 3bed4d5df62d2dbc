package generate_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm/generate"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/lora"
)

func TestPrefixReuse(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	d := &decoder{logits: noise}
	s := session(t, w, d)
	left := compile(t, grammar.Words("a", "b"))
	adapter := &lora.Adapter{}
	for i, step := range []struct {
		prompt  string
		adapter *lora.Adapter
		reused  int
	}{
		{"system: task one", nil, 0},
		{"system: task one", nil, 15},     // all but the last token, whose logits are needed
		{"system: task two", nil, 13},     // up to the t of two
		{"system: ", nil, 7},              // shorter
		{"other", nil, 0},                 // nothing in common
		{"other", adapter, 0},             // another adapter computes other keys and values
		{"other words", adapter, 5},       // the same adapter
		{"other words", nil, 0},           // and back
		{"other words and on", nil, 11},   // the whole last prompt
		{"other words and more", nil, 16}, // the common part
	} {
		res, err := s.Generate(t.Context(), w.Encode(step.prompt), generate.Options{Grammar: left, Adapter: step.adapter})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(w.Encode(step.prompt)); res.Stats.Reused != step.reused || res.Stats.Prefilled != n-step.reused {
			t.Errorf("step %d, %q: reused %d and computed %d, want %d and %d", i, step.prompt, res.Stats.Reused, res.Stats.Prefilled, step.reused, n-step.reused)
		}
		if d.adapters[len(d.adapters)-1] != step.adapter {
			t.Errorf("step %d: computed with another adapter", i)
		}
		if !slices.Equal(d.cache, w.Encode(step.prompt)) {
			t.Errorf("step %d: the cache holds %q", i, w.text(d.cache))
		}
	}
}

// A failed pass leaves the session usable, with what the cache held before.
func TestFailureKeepsTheSession(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	d := &decoder{logits: noise}
	s := session(t, w, d)
	g := compile(t, grammar.Words("a", "b"))
	for _, step := range []struct {
		fail   error
		reused int
	}{{nil, 0}, {errors.New("broken"), 0}, {nil, 5}} {
		d.fail = step.fail
		res, err := s.Generate(t.Context(), w.Encode("prompt"), generate.Options{Grammar: g})
		if !errors.Is(err, step.fail) {
			t.Fatal(err)
		}
		if res.Stats.Reused != step.reused {
			t.Errorf("reused %d, want %d", res.Stats.Reused, step.reused)
		}
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	w := newWords(vocabulary...)
	d := &decoder{logits: noise}
	s := session(t, w, d)
	prompt := w.Encode("prompt")
	completions := [][]int32{w.Encode(`click button "Log in"`), w.Encode(`click button "Log out"`), w.Encode("go")}
	got, err := s.Score(t.Context(), prompt, completions, nil)
	if err != nil {
		t.Fatal(err)
	}
	logits := make([]float32, w.Size())
	for i, c := range completions {
		tokens := slices.Clone(prompt)
		for j, id := range c {
			noise(tokens, logits)
			sum := 0.0
			for _, l := range logits {
				sum += math.Exp(float64(l))
			}
			if want := float64(logits[id]) - math.Log(sum); math.Abs(got[i][j]-want) > 1e-9 {
				t.Errorf("completion %d, token %d: %g, want %g", i, j, got[i][j], want)
			}
			tokens = append(tokens, id)
		}
	}
	// The prompt is computed once and stays; of one that is there, the last token.
	if _, err := s.Score(t.Context(), prompt, completions[:1], nil); err != nil {
		t.Fatal(err)
	}
	if want := []int{len(prompt), 1}; !slices.Equal(d.passes, want) || !slices.Equal(d.cache, prompt) {
		t.Errorf("passes of %v tokens, want %v; the cache holds %q", d.passes, want, w.text(d.cache))
	}
	if none, err := s.Score(t.Context(), prompt, nil, nil); len(none) > 0 || err != nil {
		t.Errorf("no completions: %v, %v", none, err)
	}
	if _, err := s.Score(t.Context(), prompt, [][]int32{{}}, nil); !errors.Is(err, generate.ErrPrompt) {
		t.Errorf("empty completion: got %v, want ErrPrompt", err)
	}
	if _, err := s.Score(t.Context(), prompt, [][]int32{w.Encode("go"), make([]int32, d.capacity)}, nil); !errors.Is(err, generate.ErrContext) {
		t.Errorf("long completion: got %v, want ErrContext", err)
	}
	d.fail = errors.New("broken")
	if _, err := s.Score(t.Context(), prompt, completions, nil); !errors.Is(err, d.fail) {
		t.Errorf("broken decoder: %v", err)
	}
}
