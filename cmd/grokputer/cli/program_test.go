package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/cli"
)

// result is what a run of the program left.
type result struct {
	status   int
	out, err string
}

// run runs the whole program with arguments, away from any terminal.
func run(ctx context.Context, args ...string) result {
	var out, errs strings.Builder
	status := cli.Main(ctx, args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	return result{status, out.String(), errs.String()}
}

// ok runs the program and fails the test unless it succeeds.
func ok(t *testing.T, args ...string) string {
	t.Helper()
	r := run(t.Context(), args...)
	if r.status != 0 {
		t.Fatalf("grokputer %s: status %d\n%s%s", strings.Join(args, " "), r.status, r.out, r.err)
	}
	return r.out
}

// fails runs the program and fails the test unless it ends with the status and
// one line on the error stream that says so.
func fails(t *testing.T, status int, says string, args ...string) {
	t.Helper()
	r := run(t.Context(), args...)
	if r.status != status || !strings.Contains(r.err, says) {
		t.Fatalf("grokputer %s: status %d, want %d with %q\n%s%s", strings.Join(args, " "), r.status, status, says, r.out, r.err)
	}
}

// decode reads JSON that the program printed.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		says string
		args []string
	}{
		{"expected one of", nil},
		{"unexpected argument fly", []string{"fly"}},
		{"expected \"<task> ...\"", []string{"run"}},
		{"unknown flag --colour", []string{"version", "--colour"}},
		{"--log-level", []string{"version", "--log-level", "loud"}},
		{"--nats-port", []string{"up", "--nats-port", "many"}},
		{"--approve-from", []string{"up", "--approve-from", "never"}},
		{"expected \"<number>\"", []string{"dlq", "show"}},
		{"--format", []string{"sessions", "export", "a", "--format", "xml"}},
	} {
		r := run(t.Context(), test.args...)
		if r.status != 2 || !strings.Contains(r.err, test.says) || !strings.Contains(r.err, "--help") || r.out != "" {
			t.Errorf("grokputer %s: status %d\n%s%s\nwant 2 with %q", strings.Join(test.args, " "), r.status, r.out, r.err, test.says)
		}
	}
}

func TestHelpEverywhere(t *testing.T) {
	t.Parallel()
	commands := []string{
		"", "up", "run", "demo", "sessions", "sessions list", "sessions show", "sessions export", "sessions delete",
		"rate", "adapters", "adapters list", "adapters show", "adapters promote", "adapters canary", "experiments", "experiments list", "experiments show", "adapters rollback", "adapters download",
		"train", "train status", "train now", "train cancel", "train explain", "stop", "approve", "see", "models", "models pull", "models list", "doctor", "bench", "bench tasks", "bench lm", "bench rollout", "dlq", "dlq list", "dlq show", "version",
	}
	for _, command := range commands {
		args := append(strings.Fields(command), "--help")
		if out := ok(t, args...); !strings.HasPrefix(out, "Usage: grokputer "+command) {
			t.Errorf("the help of %q is\n%s", command, out)
		}
	}
}

func TestSettingsFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "grokputer.yaml")
	data := t.TempDir()
	if err := os.WriteFile(file, []byte("data: "+data+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := ok(t, "models", "list", "--config", file); !strings.Contains(out, data) {
		t.Errorf("the data folder of the settings file is not used:\n%s", out)
	}
	if err := os.WriteFile(file, []byte("dta: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, 2, `unknown setting "dta"`, "models", "list", "--config", file)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out := ok(t, "version"); !strings.HasPrefix(out, "grokputer ") || !strings.Contains(out, "cpu: ") {
		t.Errorf("version:\n%s", out)
	}
	got := decode[struct {
		Version, Go, Platform string
		CPU                   []string
	}](t, ok(t, "version", "--json"))
	if got.Version == "" || !strings.HasPrefix(got.Go, "go") || !strings.Contains(got.Platform, "/") {
		t.Errorf("version: %+v", got)
	}
}
