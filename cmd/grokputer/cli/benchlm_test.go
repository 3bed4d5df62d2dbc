package cli_test

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestBenchLMRefuses(t *testing.T) {
	t.Parallel()
	none := filepath.Join(t.TempDir(), "none.gguf")
	for _, c := range []struct {
		status int
		says   string
		args   []string
	}{
		{1, `no measurement "speed"`, []string{"--only", "prefill,speed"}},
		{1, "Rounds is 0", []string{"--rounds", "0"}},
		{1, "Threads is 0", []string{"--threads", "0"}},
		{1, "grokputer models pull", []string{"--model", none}},
		{2, "unexpected argument fast", []string{"fast"}},
		{2, "--rounds", []string{"--rounds", "many"}},
	} {
		fails(t, c.status, c.says, append([]string{"bench", "lm"}, c.args...)...)
	}
	if out := ok(t, "bench", "--help"); strings.Contains(out, "lm-child") {
		t.Errorf("the help names the process that measures:\n%s", out)
	}
}

// The process that measures takes nothing but an assignment.
func TestBenchLMChildRefuses(t *testing.T) {
	t.Parallel()
	fails(t, 1, "assignment", "bench", "lm-child")
}
