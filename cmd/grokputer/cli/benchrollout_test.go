package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBenchRolloutRefuses(t *testing.T) {
	t.Parallel()
	fails(t, 1, "runs: 0", "bench", "rollout", "--runs", "0")
	fails(t, 2, "--seed", "bench", "rollout", "--seed", "-1")
}

func TestBenchRolloutReports(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "benchmarks", "rollout.md")
	var report struct {
		FalseDecisionRate float64 `json:"false_decision_rate"`
		ToRollback        int     `json:"median_sessions_to_rollback_minus1"`
		ToPromote         int     `json:"median_sessions_to_promote_plus_half"`
		Runs              int     `json:"runs"`
	}
	out := ok(t, "bench", "rollout", "--runs", "30", "--json", "--write", file)
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if report.Runs != 30 || report.ToRollback < 1 || report.ToRollback > 40 || report.ToPromote < 10 || report.ToPromote > 160 {
		t.Errorf("%+v", report)
	}
	document, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(document), "`grokputer bench rollout --runs 30 --seed 1`") {
		t.Errorf("%v:\n%s", err, document)
	}
	if out := ok(t, "bench", "rollout", "--runs", "5"); !strings.Contains(out, "half a star better") {
		t.Errorf("the table is\n%s", out)
	}
}
