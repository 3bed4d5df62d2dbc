package xtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor"
)

// A real program takes text at full speed and stores it exactly.
func TestMousepad(t *testing.T) {
	t.Parallel()
	o, env := screen(t)
	file := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	program(t, env, "mousepad", "--disable-server", file)
	h := hands(t, o)
	none := func(int) error { return nil }
	//nolint:gosmopolitan // other scripts are what is tried here
	text := strings.Repeat("The quick brown fox jumps over the lazy dog; 0123456789!? äöü € Привет 你好\n", 4)
	kittest.Await(t, "mousepad has the focus", func() bool {
		return h.Do(t.Context(), actor.Input{Mark: "probe", Verb: action.Key, Keys: []string{"ctrl", "home"}}, none) == nil
	})
	start := time.Now()
	if err := h.Do(t.Context(), actor.Input{Mark: "text", Verb: action.Type, Text: text}, none); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d characters in %s", len([]rune(text)), time.Since(start))
	if err := h.Do(t.Context(), actor.Input{Mark: "save", Verb: action.Key, Keys: []string{"ctrl", "s"}}, none); err != nil {
		t.Fatal(err)
	}
	var got []byte
	kittest.Await(t, "the file is saved", func() bool {
		var err error
		got, err = os.ReadFile(file)
		return err == nil && len(got) > 0
	})
	if strings.TrimRight(string(got), "\n") != strings.TrimRight(text, "\n") {
		t.Errorf("saved\n%q, want\n%q", got, text)
	}
}

// program runs a program on a screen until the test ends.
func program(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(append(os.Environ(), env...), "GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=1")
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (apt-get install %s)", err, name)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}
