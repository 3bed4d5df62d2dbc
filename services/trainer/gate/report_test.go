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

func TestMarkdownOfASearch(t *testing.T) {
	t.Parallel()
	measured := func(step int, loss float64, lost int) gate.Round {
		return gate.Round{Step: step, HeldOut: loss, Replay: set(gate.Replay, 40-lost, 1, lost, 9)}
	}
	r := report()
	r.Search = &gate.Search{BudgetSeconds: 1800, Seconds: 754, Lessons: 30, Replayed: 50, Chosen: 1, Trials: []gate.Trial{
		{LearningRate: 2e-4, Rank: 16, Rounds: []gate.Round{measured(15, 0.5, 0)}, Out: "given up after 15 steps"},
		{LearningRate: 4e-4, Rank: 16, Rounds: []gate.Round{measured(15, 0.4, 1), measured(30, 0.2, 2)}},
		{LearningRate: 1e-4},
	}}
	text := r.Markdown()
	for _, want := range []string{
		"2 of 3 settings were compared in 12m34s: learning rate 0.0004, rank 16 went on, with a loss of 0.2000 after 30 steps; " +
			"what is set, learning rate 0.0002, rank 16, came to 0.5000 after 15, where that had 0.4000.",
		"| learning rate 0.0004, rank 16 | 30 | 0.2000 | 2 of 50 | 1 | chosen |", "| learning rate 0.0001 | - | - | - | - |  |",
		"| 15 | 0.5000 | 0 of 50 | 1 | given up after 15 steps |", "30 variants of corrected steps and 50 other steps",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the report:\n%s", want, text)
		}
	}
	r.Search = &gate.Search{Ended: "no time"}
	if text := r.Markdown(); !strings.Contains(text, "In a search, no settings were compared: no time.") {
		t.Errorf("%s", text)
	}
}

func TestForgets(t *testing.T) {
	t.Parallel()
	rules := gate.DefaultRules()
	for lost, want := range map[int]bool{0: false, 5: false, 6: true} { // of 100: what the gate lets pass, and what it does not
		s := set(gate.Replay, 100-lost, 0, lost, 0)
		low, _ := s.Interval()
		if rules.Forgets(s) != want || (low < -rules.Margin) != want {
			t.Errorf("%d of 100 lost: it forgets is %t, the interval begins at %.3f", lost, rules.Forgets(s), low)
		}
	}
	if rules.Forgets(gate.Set{}) {
		t.Error("nothing measured is forgotten")
	}
}
