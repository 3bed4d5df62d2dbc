package actor

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// What a crash cut off, or what a step before the crash noted, is replaced.
func TestPromptsAfterCrash(t *testing.T) {
	t.Parallel()
	logs := t.TempDir()
	state := contracts.TaskState{TaskID: "t", SessionID: "s", Task: "x"}
	r, err := openRecord(logs, state)
	if err != nil {
		t.Fatal(err)
	}
	for step := 1; step <= 3; step++ {
		if err := r.prompted(Prompted{Step: step, Action: "wait 1", State: prompt.State{Task: "x\n"}}); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(logs, "s", PromptsFile)
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, body[:len(body)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	r, err = openRecord(logs, state)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.prompt(3); ok || len(r.prompts) != 2 {
		t.Errorf("%d prompts were read", len(r.prompts))
	}
	if err := r.prompted(Prompted{Step: 2, Action: "done"}); err != nil {
		t.Fatal(err)
	}
	r, err = openRecord(logs, state)
	if err != nil {
		t.Fatal(err)
	}
	second, _ := r.prompt(2)
	if first, ok := r.prompt(1); !ok || first.State.Task != "x\n" || second.Action != "done" || len(r.prompts) != 2 {
		t.Errorf("the prompts are %+v", r.prompts)
	}
}

// A rating in a finished log is not lost by reading it.
func TestRecordKeepsRating(t *testing.T) {
	t.Parallel()
	logs := t.TempDir()
	state := contracts.TaskState{TaskID: "t", SessionID: "s"}
	if err := os.MkdirAll(filepath.Join(logs, "s"), 0o700); err != nil {
		t.Fatal(err)
	}
	body := `{"outcome": "completed", "steps": [], "metadata": {"user_rating": 4}}`
	if err := os.WriteFile(filepath.Join(logs, "s", SessionFile), []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := openRecord(logs, state)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	again, err := openRecord(logs, state)
	if err != nil {
		t.Fatal(err)
	}
	if !again.ended() || again.session.Metadata.UserRating == nil || *again.session.Metadata.UserRating != 4 {
		t.Errorf("the log is %+v", again.session)
	}
}

func TestBrokenRecord(t *testing.T) {
	t.Parallel()
	logs := t.TempDir()
	if err := os.MkdirAll(filepath.Join(logs, "s"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(logs, "s", SessionFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openRecord(logs, contracts.TaskState{SessionID: "s"}); err == nil || !strings.Contains(err.Error(), "session's log") {
		t.Errorf("the error is %v", err)
	}
}

// A file that cannot be written stays as it was, and nothing lies beside it.
func TestReplaceFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if err := replaceFile(name, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(dir, "b"), []byte("two")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
	if err := replaceFile(filepath.Join(dir, "none", "a"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}

func TestReserveSession(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Date(2025, 11, 8, 14, 30, 52, 0, time.UTC)
	for _, tt := range []struct{ wanted, want string }{
		{"", "session_20251108_143052"}, {"", "session_20251108_143052_2"}, {"", "session_20251108_143052_3"}, {"mine", "mine"}, {"mine", "mine_2"},
	} {
		got, err := reserveSession(dir, tt.wanted, now)
		if err != nil || got != tt.want {
			t.Errorf("the session is %s, %v; want %s", got, err, tt.want)
		}
	}
	if _, err := reserveSession(filepath.Join(dir, "none"), "", now); err == nil {
		t.Error("a session was made in a folder that is not there")
	}
}
