package gate_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/trainer/gate"
)

func report() gate.Report {
	sets := []gate.Set{set(gate.Corrections, 10, 15, 1, 10), set(gate.Replay, 190, 2, 2, 6)}
	return gate.Report{
		Version: "lora-v3", JobID: "auto-7", Dataset: strings.Repeat("ab", 32), Rules: gate.DefaultRules(), Sets: sets,
		Verdict: gate.DefaultRules().Decide(sets...), Time: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC),
		Curve: []gate.Point{{Step: 1, Loss: 2}, {Step: 15, Loss: 0.5, HeldOut: 0.7}, {Step: 30, Loss: 0.2, HeldOut: 0.6}},
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	text := report().Markdown()
	for _, want := range []string{
		"# lora-v3 against the base model: passed", "Job auto-7, dataset abababababab, 2026-11-30T12:00:00Z.",
		"| corrections | 36 | 30.6 % | 69.4 % | 15 | 1 | +38.9 |", "| replay | 200 |", "- on 36 steps of the corrections set it is better",
		"![loss](loss.svg)", "![right steps](sets.svg)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the report:\n%s", want, text)
		}
	}
}

// Plots are well-formed and say what they show, also of little.
func TestPlots(t *testing.T) {
	t.Parallel()
	r := report()
	for name, c := range map[string]struct {
		plot func(io.Writer) error
		want []string
	}{
		"losses":          {func(w io.Writer) error { return gate.PlotLoss(w, r.Curve) }, []string{"held out", "trained on", "step"}},
		"one loss":        {func(w io.Writer) error { return gate.PlotLoss(w, r.Curve[:1]) }, []string{"trained on"}},
		"no loss at all":  {func(w io.Writer) error { return gate.PlotLoss(w, nil) }, []string{"step"}},
		"sets":            {func(w io.Writer) error { return gate.PlotSets(w, r.Sets) }, []string{"corrections (36)", "replay (200)", "champion", "candidate"}},
		"no sets at all":  {func(w io.Writer) error { return gate.PlotSets(w, nil) }, []string{"right steps"}},
		"a set of no one": {func(w io.Writer) error { return gate.PlotSets(w, []gate.Set{{Name: "replay"}}) }, []string{"replay (0)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := c.plot(&b); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%q is not in the picture", want)
				}
			}
			for d := xml.NewDecoder(&b); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					return
				} else if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
