package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemo goes the whole way on a real screen with a real editor; only the
// planner is scripted.
func TestDemo(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, `open "text editor"`, `type "hello world"`, "done"))
	said := h.start(append([]string{"demo"}, h.args...)...).wait(0,
		`did open "text editor"`, `did type "hello world"`, "completed after", `"hello world" stands there`)
	_, picture, _ := strings.Cut(said, "last picture: ")
	picture, _, _ = strings.Cut(picture, "\n")
	if body, err := os.ReadFile(picture); err != nil || !bytes.HasPrefix(body, []byte("\x89PNG")) {
		t.Errorf("the last picture %q: %v in\n%s", picture, err, said)
	}
	session := filepath.Base(filepath.Dir(picture))
	h.start("sessions").wait(0, session, "completed")
	h.start("sessions", "show", session).wait(0, `did type "hello world"`)
	h.start("sessions", "export", session, "--format", "steps").wait(0, `"action":"type \"hello world\""`)
	h.start("sessions", "delete", session, "--yes").wait(0, "deleted")
	if left := pictures(t, h); left != 0 {
		t.Errorf("%d pictures are left of a deleted session", left)
	}
}

// TestDemoBelievesTheEditor: that the agent says done is not enough.
func TestDemoBelievesTheEditor(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, `open "text editor"`, `type "hello word"`, "done"))
	h.start(append([]string{"demo"}, h.args...)...).wait(1, "completed after", `the editor holds "hello word", not "hello world"`)
}

func TestRunStartsWhatIsNeeded(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, `fail "I cannot"`))
	said := h.start(append([]string{"run", "--json", "do", "it"}, h.args...)...).wait(1, `"verb":"failed"`, "I cannot", "not completed: failed")
	if !strings.Contains(said, `"task":"do it"`) {
		t.Errorf("the words are not one task:\n%s", said)
	}
}

// pictures counts the pictures in the embedded store.
func pictures(t *testing.T, h home) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.data(), "s3", "objects", "*", "frames", "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}
