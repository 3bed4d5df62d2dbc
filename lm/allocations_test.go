package lm_test

import (
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/generate/grammar"
	"github.com/grokputer/grokputer/lm/train"
)

// perUnit returns how often f allocates for each unit of work, beside what it does however much it has to do.
func perUnit(few, many int, f func(n int)) float64 {
	f(many)
	short, long := testing.AllocsPerRun(3, func() { f(few) }), testing.AllocsPerRun(3, func() { f(many) })
	return (long - short) / float64(many-few)
}

// A token takes one allocation: the function that carries its pass to the backend's thread, which holds the
// context, since contexts are not kept in fields. What is above one is the result that grows.
func TestTokensAllocateOnce(t *testing.T) { // not parallel: it counts allocations
	e := open(t, tiny(t, 48), lm.Options{})
	if err := e.AddAdapter("a", noisy(t, e, 1, 0.3)); err != nil {
		t.Fatal(err)
	}
	long, err := grammar.Compile(grammar.Sequence(grammar.Literal("type "), grammar.Quoted(grammar.Unlimited)))
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]lm.GenerateOptions{"free": {}, "grammar": {Grammar: long}, "adapter": {Adapter: "a"}} {
		got := perUnit(32, 128, func(n int) {
			opts.MaxTokens = n
			res, err := e.Generate(t.Context(), user("x"), opts)
			if err != nil || len(res.Tokens) < n {
				t.Fatalf("%s: %d tokens of %d: %q, %v", name, len(res.Tokens), n, res.Text, err)
			}
		})
		if got > 1.3 {
			t.Errorf("%s: %.2f allocations a token", name, got)
		}
	}
}

// A training step allocates a few times for each example, which it lays into new batches, and for AdamW's goroutines:
// kilobytes in a step that computes for half a second. The passes over the model allocate nothing beside one function.
func TestStepsAllocateLittle(t *testing.T) { // not parallel: it counts allocations
	e := open(t, tiny(t, 48), lm.Options{})
	data, adapter := lessons(t, e), newAdapter(t, e, 1)
	n := len(data.Train)
	got := perUnit(4, 40, func(steps int) {
		opts := train.DefaultOptions()
		opts.Epochs, opts.BatchExamples = steps, n
		if _, err := e.Train(t.Context(), adapter, data, opts); err != nil {
			t.Fatal(err)
		}
	})
	if most := 3*n + 40; got > float64(most) {
		t.Errorf("%.1f allocations a step of %d examples, at most %d are expected", got, n, most)
	}
}
