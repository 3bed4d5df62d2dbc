package bench_test

import (
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/bench"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/lmtest"
)

func open(t *testing.T, path string) *lm.Engine {
	t.Helper()
	e, err := lm.Open(t.Context(), path, lm.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// check fails unless the workload has the lengths of its size; the step's may be off
// by as many tokens.
func check(t *testing.T, w bench.Workload, off int) {
	t.Helper()
	s := w.Size
	if len(w.Examples) != s.Examples || len(w.Steps) != s.Steps || len(w.Prefill) != s.Prefill || len(w.Context) != s.Context {
		t.Errorf("%d examples, %d steps, prompts of %d and %d", len(w.Examples), len(w.Steps), len(w.Prefill), len(w.Context))
	}
	for i, e := range w.Examples {
		answer, all := len(e.Completion), len(e.Prompt)+len(e.Completion)
		if all < s.Least || all > s.Most || answer < s.AnswerLeast || answer > s.AnswerMost {
			t.Errorf("example %d has %d tokens, %d of them in the answer", i, all, answer)
		}
	}
	for i, step := range w.Steps {
		before, after := step.Before.Tokens, step.After.Tokens
		if len(after) > s.Screen || len(after) < s.Screen-off || step.Shared > s.Seen+off || step.Shared < s.Seen-off {
			t.Errorf("step %d has %d tokens, %d of them seen", i, len(after), step.Shared)
		}
		if n := step.Shared; !slices.Equal(before[:n], after[:n]) || before[n] == after[n] {
			t.Errorf("step %d: not %d tokens are shared", i, n)
		}
		if len(step.Elements) == 0 || step.GBNF == "" {
			t.Errorf("step %d has no actions", i)
		}
	}
}

func TestWorkload(t *testing.T) {
	t.Parallel()
	e := open(t, lmtest.TinyModel(t, 64))
	w, err := bench.Build(e, tinySize(), 1)
	if err != nil {
		t.Fatal(err)
	}
	check(t, w, 40)
	path := filepath.Join(t.TempDir(), "w.json")
	if err := w.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := bench.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := bench.Build(e, tinySize(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(w, again) || !reflect.DeepEqual(w, loaded) {
		t.Error("the same seed draws another workload, or another is read than was written")
	}
	if other, err := bench.Build(e, tinySize(), 2); err != nil || reflect.DeepEqual(w.Examples, other.Examples) {
		t.Errorf("another seed draws the same examples (%v)", err)
	}
}

// The published figures are of exactly these lengths.
func TestWorkloadOfTheBaseModel(t *testing.T) {
	t.Parallel()
	size := bench.FullSize()
	size.Examples, size.Steps = 64, 2
	w, err := bench.Build(open(t, golden.ModelPath(t)), size, 1)
	if err != nil {
		t.Fatal(err)
	}
	check(t, w, 0)
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	e := open(t, lmtest.TinyModel(t, 64))
	for name, change := range map[string]func(*bench.Size){
		"Examples":             func(s *bench.Size) { s.Examples = 0 },
		"Most":                 func(s *bench.Size) { s.Most = s.Least - 1 },
		"AnswerLeast":          func(s *bench.Size) { s.AnswerLeast = 0 },
		"Screen":               func(s *bench.Size) { s.Screen = s.Seen },
		"Repeats":              func(s *bench.Size) { s.Repeats = -1 },
		"more than the model":  func(s *bench.Size) { s.Prefill = 1000 },
		"no such examples":     func(s *bench.Size) { s.Least, s.Most = 20, 30 },
		"no such answers":      func(s *bench.Size) { s.AnswerLeast, s.AnswerMost = 1, 2 },
		"no such step's start": func(s *bench.Size) { s.Screen, s.Seen = 30, 20 },
	} {
		size := tinySize()
		change(&size)
		if _, err := bench.Build(e, size, 1); !errors.Is(err, bench.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
