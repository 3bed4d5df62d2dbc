package rollout_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/rollout"
)

func TestAReportHasItsFigures(t *testing.T) {
	t.Parallel()
	told := 0
	report, err := rollout.Run(t.Context(), 20, 1, func(string, string) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	if told != rollout.Trials() || len(report.Distributions) != 3 {
		t.Errorf("%d trials were told of, want %d", told, rollout.Trials())
	}
	body, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"false_decision_rate", "median_sessions_to_rollback_minus1", "median_sessions_to_promote_plus_half", "runs"} {
		if _, ok := got[name].(float64); !ok {
			t.Errorf("%s is %v, want a number", name, got[name])
		}
	}
	document := report.Markdown("`grokputer bench rollout`")
	for _, c := range report.Horizon {
		if c.Effect > 0 && c.Direct.Stars != 0 || c.Effect < 0 && c.Direct.Stars <= c.Trial.Stars || c.Effect == 0 && c.Trial.Stars != 0 {
			t.Errorf("%s %+.2f: %+v", c.Stars, c.Effect, c)
		}
	}
	if rows := strings.Count(document, "\n| "); rows < rollout.Trials() || !strings.Contains(document, "| z-test after every session") {
		t.Errorf("the document has %d rows:\n%s", rows, document)
	}
}

func TestTheSameSeedFindsTheSame(t *testing.T) {
	t.Parallel()
	find := func(seed uint64) string {
		report, err := rollout.Run(t.Context(), 10, seed, func(string, string) {})
		if err != nil {
			t.Fatal(err)
		}
		return report.Markdown("")
	}
	one, again := find(1), find(1)
	if one != again {
		t.Error("the same seed finds two things")
	}
	if one == find(2) {
		t.Error("another seed finds the same")
	}
}

func TestItCanBeInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	_, err := rollout.Run(ctx, 10, 1, func(string, string) { cancel(enough) })
	if !errors.Is(err, enough) {
		t.Errorf("%v, want %v", err, enough)
	}
}
