package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/services/trainer"
)

// TestRecord carries out sessions of each kind on the real programs.
func TestRecord(t *testing.T) {
	t.Parallel()
	models := filepath.Dir(golden.ModelPath(t))
	for kind, verb := range map[string]action.Verb{
		"write": action.Type, "find": action.Find, "editor": action.Type, "calculator": action.Click,
		"terminal": action.Key, "files": action.Open, "dialog": action.Click, "settings": action.Click,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, planner(t, "done"))
			out := filepath.Join(h.dir, "steps.gz")
			h.start("starter", "record", "--observer-models", models, "-n", "1", "--kinds", kind, out).waitLong(kind+" ", "1 sessions", "steps written")
			steps, err := trainer.ReadExamples(out)
			if err != nil {
				t.Fatal(err)
			}
			verbs := map[action.Verb]bool{}
			for i, e := range steps {
				verbs[e.Right.Verb] = true
				if e.Kind != kind || e.State.Task == "" || len(e.State.Done) != i || e.Right.Ends() != (i == len(steps)-1) {
					t.Errorf("step %d of %d: %+v", i+1, len(steps), e)
				}
				if err := e.State.Check(e.Right); err != nil {
					t.Error(err)
				}
			}
			if !verbs[verb] {
				t.Errorf("none of %d steps is to %s", len(steps), verb)
			}
		})
	}
}

// TestRecordGoesOn kills a recording after its first session: the same command
// goes on behind it.
func TestRecordGoesOn(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, "done"))
	h.env = []string{"TMPDIR=" + h.dir} // where a killed recording leaves its folders
	args := []string{"starter", "record", "--observer-reader", "tesseract", "-n", "2", "--kinds", "picture", filepath.Join(h.dir, "steps.gz")}
	p := h.start(args...)
	p.until(" steps\n")
	first := regexp.MustCompile(`(?m)^picture .* s  (.*)  \d+ steps$`).FindStringSubmatch(p.said())
	if first == nil {
		t.Fatalf("it did not say what it did:\n%s", p.said())
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.ended
	said := h.start(args...).waitLong("picture      2 sessions", "4 steps written")
	if strings.Contains(said, first[1]) {
		t.Errorf("what was recorded before is recorded again:\n%s", said)
	}
}

// waitLong is wait for what takes longer than a task.
func (p *program) waitLong(texts ...string) string {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(4 * patience):
		p.t.Fatalf("it does not end:\n%s", p.said())
	}
	return p.wait(0, texts...)
}
