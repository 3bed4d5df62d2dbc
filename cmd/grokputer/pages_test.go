package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/trainer"
)

// Made-up pages are shown in a real browser, read and worked; what is right names what
// was seen. A second recording with more steps goes on where the first has ended.
func TestStarterPages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a browser and a screen take seconds")
	}
	models, err := filepath.Abs("../../.cache/models")
	if err != nil {
		t.Fatal(err)
	}
	h := newHome(t, "http://127.0.0.1:1/v1")
	out := filepath.Join(h.dir, "pages.jsonl.gz")
	record := func(n string) []trainer.Example {
		h.start("starter", "pages", "--observer-models", models, "--families", "named,radio,field", "--steps", n, out).wait(0, "FAMILY", "steps written")
		steps, err := trainer.ReadExamples(out)
		if err != nil {
			t.Fatal(err)
		}
		return steps
	}
	first := record("5")
	steps := record("9")
	if len(first) < 5 || len(steps) < 9 || steps[0].State.Task != first[0].State.Task {
		t.Fatalf("%d steps, then %d", len(first), len(steps))
	}
	verbs := map[action.Verb]int{}
	for _, s := range steps {
		verbs[s.Right.Verb]++
		if err := s.State.Check(s.Right); err != nil {
			t.Errorf("%s: %s: %v", s.State.Task, s.Right, err)
		}
		if !strings.HasPrefix(s.Kind, "web ") || len(s.State.Screen.Elements) == 0 && s.Right.Verb != action.Done {
			t.Errorf("a step is %+v", s)
		}
	}
	if verbs[action.Click] == 0 || verbs[action.Done] == 0 {
		t.Errorf("the right actions are %v", verbs)
	}
}

func TestStarterPagesUnknownFamily(t *testing.T) {
	t.Parallel()
	h := newHome(t, "http://127.0.0.1:1/v1")
	h.start("starter", "pages", "--families", "nothing", filepath.Join(h.dir, "out")).wait(1, "there is no", "spinner")
}
