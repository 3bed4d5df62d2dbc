package tests

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// none fails the test if a process of this home still runs, or a temporary file is left.
func none(t *testing.T, h home) {
	t.Helper()
	if left := processes(h); len(left) > 0 {
		t.Errorf("processes are left behind:\n%s", strings.Join(left, "\n"))
	}
	if left, err := os.ReadDir(h.temporary()); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left behind: %v, %v", left, err)
	}
}

// noneSoon waits until the processes of this home have ended by themselves.
func noneSoon(t *testing.T, h home) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond) // the system tells only of children
	defer tick.Stop()
	deadline := time.After(patience)
	for len(processes(h)) > 0 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("processes are left behind:\n%s", strings.Join(processes(h), "\n"))
		}
	}
}

// processes returns the command lines of the processes that were started with
// the home's folder in their environment, by whomever.
func processes(h home) []string {
	var found []string
	environments, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is sound
	for _, file := range environments {
		environment, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended, or is not ours
		}
		ours := slices.ContainsFunc(bytes.Split(environment, []byte{0}), func(kv []byte) bool {
			_, value, _ := strings.Cut(string(kv), "=")
			return value == h.dir || strings.HasPrefix(value, h.dir+string(filepath.Separator))
		})
		if !ours {
			continue
		}
		folder := filepath.Dir(file)
		if line, err := os.ReadFile(filepath.Join(folder, "cmdline")); err == nil && len(line) > 0 { // a zombie's is empty
			found = append(found, fmt.Sprintf("%s %q", filepath.Base(folder), bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return found
}
