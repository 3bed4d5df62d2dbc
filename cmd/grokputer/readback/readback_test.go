package readback_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/cmd/grokputer/readback"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long the editor may take to show its window.
const patience = 30 * time.Second

// edit opens a file in an editor on a screen, and returns when its window is there.
func edit(t *testing.T, env []string, file string) {
	t.Helper()
	cmd := exec.Command("mousepad", "--disable-server", file)
	cmd.Env = append(os.Environ(), env...)
	// The user's editor may have unsaved texts to restore first.
	cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it goes with its screen in any case
		_ = cmd.Wait()
	})
}

// read reads the editor back, waiting for its window and for the text that it
// is loading.
func read(t *testing.T, display, want string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		got, err := readback.Text(ctx, display, "Mousepad")
		if err == nil && got == want || ctx.Err() != nil || err != nil && !errors.Is(err, readback.ErrNoWindow) {
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
	}
}

// selected waits until a selection is the text.
func selected(t *testing.T, display, selection, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		got, err := readback.Selection(ctx, display, selection)
		if err != nil || got != want && ctx.Err() != nil {
			t.Fatalf("the selection %s = %q, %v; want %q", selection, got, err, want)
		}
		if got == want {
			return
		}
	}
}

// TestText cannot be parallel: the cookie of the screen is found by XAUTHORITY.
func TestText(t *testing.T) { //nolint:paralleltest // see above
	screen := kittest.Screen(t)
	for _, kv := range screen.Env() {
		key, value, _ := strings.Cut(kv, "=")
		t.Setenv(key, value)
	}
	if _, err := readback.Text(t.Context(), screen.Display(), "mousepad"); !errors.Is(err, readback.ErrNoWindow) {
		t.Fatalf("Text with no window = %v; want ErrNoWindow", err)
	}
	const want = "first line\n\tsecond: \"äß€\" <|im_end|>\n\nlast, without an end"
	file := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, screen.Env(), file)
	if err := readback.Await(t.Context(), screen.Display()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, screen.Display(), want); got != want {
		t.Fatalf("Text = %q; want %q", got, want)
	}
	// The cursor key that ends one reading gives up the selection while the next one begins.
	for i := range 30 {
		if got, err := readback.Text(t.Context(), screen.Display(), "mousepad"); err != nil || got != want {
			t.Fatalf("Text again, %d times = %q, %v; want the same", i+1, got, err)
		}
	}
	for _, step := range []struct{ key, selection string }{{"ctrl+a", "PRIMARY"}, {"ctrl+c", "CLIPBOARD"}} {
		if step.selection == "CLIPBOARD" {
			if got, err := readback.Selection(t.Context(), screen.Display(), step.selection); err != nil || got != "" {
				t.Fatalf("the clipboard before a copy = %q, %v; want nothing", got, err)
			}
		}
		if out, err := exec.CommandContext(t.Context(), "xdotool", "key", step.key).CombinedOutput(); err != nil {
			t.Fatalf("press %s: %v\n%s", step.key, err, out)
		}
		selected(t, screen.Display(), step.selection, want)
	}
	if _, err := readback.Text(t.Context(), screen.Display(), "galculator"); !errors.Is(err, readback.ErrNoWindow) {
		t.Fatalf("Text of another program = %v; want ErrNoWindow", err)
	}
}

func TestTextWithoutDisplay(t *testing.T) {
	t.Parallel()
	if _, err := readback.Text(t.Context(), ":64999", "mousepad"); err == nil {
		t.Fatal("text was read from a display that is not there")
	}
}
