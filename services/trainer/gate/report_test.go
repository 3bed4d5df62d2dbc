package gate_test

import (
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
