package sessionlog_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/sessionlog"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
)

// frame is a picture with that key.
func frame(key string) contracts.Frame { return contracts.Frame{Image: contracts.Blob{Key: key}} }

// write puts a session with pictures of those keys into the logs of data.
func write(t *testing.T, data, id string, start time.Time, outcome contracts.Verb, keys ...string) {
	t.Helper()
	s := actor.Session{SessionID: id, TaskID: "task-" + id, Task: "do " + id, Start: start, Outcome: outcome}
	for i, key := range keys {
		s.Steps = append(s.Steps, contracts.TaskStep{Step: i + 1, Frame: frame(key), Action: action.Action{Verb: action.Done}})
	}
	last := frame("frames/last-" + id)
	s.LastFrame = &last
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(actor.LogDir(data), id)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, actor.SessionFile), body, 0o600); err != nil {
		t.Fatal(err)
	}
}

// objects notes what was removed, and fails at the key fail.
type objects struct {
	removed []string
	fail    string
}

func (o *objects) Remove(_ context.Context, key string) error {
	if key == o.fail {
		return errors.New("the store is away")
	}
	o.removed = append(o.removed, key)
	return nil
}

func ids(sessions []actor.Session) string {
	names := make([]string, len(sessions))
	for i, s := range sessions {
		names[i] = s.SessionID
	}
	return strings.Join(names, " ")
}

func TestList(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	logs := sessionlog.In(data)
	if got, err := logs.List(); err != nil || got == nil || len(got) != 0 {
		t.Fatalf("List of nothing = %v, %v; want an empty list", got, err)
	}
	now := time.Now()
	write(t, data, "b", now, contracts.VerbCompleted)
	write(t, data, "a", now.Add(time.Minute), contracts.VerbFailed)
	write(t, data, "c", now.Add(-time.Minute), "")
	if err := os.MkdirAll(filepath.Join(actor.LogDir(data), "just_accepted"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := logs.List(); err != nil || ids(got) != "c b a" {
		t.Fatalf("List = %s, %v; want the oldest first: c b a", ids(got), err)
	}
	if err := os.WriteFile(filepath.Join(actor.LogDir(data), "b", actor.SessionFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := logs.List(); err == nil || !strings.Contains(err.Error(), "session b") || ids(got) != "c a" {
		t.Fatalf("List with a broken session = %s, %v; want the others and an error about b", ids(got), err)
	}
}

func TestLoadRefusesPaths(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	write(t, data, "a", time.Now(), contracts.VerbCompleted)
	for _, id := range []string{"", "..", "../logs/a", "a/../a", "/etc", "none"} {
		if _, err := sessionlog.In(data).Load(id); !errors.Is(err, sessionlog.ErrNone) {
			t.Errorf("Load(%q) = %v; want ErrNone", id, err)
		}
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	logs := sessionlog.In(data)
	write(t, data, "a", time.Now(), contracts.VerbCompleted)
	var b strings.Builder
	if err := logs.Export(&b, "a", sessionlog.FormatJSON); err != nil || !json.Valid([]byte(b.String())) {
		t.Fatalf("Export = %q, %v", b.String(), err)
	}
	if err := logs.Export(&b, "a", sessionlog.FormatSteps); !errors.Is(err, sessionlog.ErrNone) {
		t.Fatalf("Export of steps that are not there = %v; want ErrNone", err)
	}
	const steps = "{\"step\":1}\n{\"step\":2}\n"
	if err := os.WriteFile(filepath.Join(actor.LogDir(data), "a", actor.PromptsFile), []byte(steps), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := logs.Export(&b, "a", sessionlog.FormatSteps); err != nil || b.String() != steps {
		t.Fatalf("Export of steps = %q, %v", b.String(), err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	logs := sessionlog.In(data)
	write(t, data, "a", time.Now(), contracts.VerbCompleted, "frames/own", "frames/shared", "frames/own", "")
	write(t, data, "b", time.Now(), contracts.VerbCompleted, "frames/shared")
	away := &objects{fail: "frames/own"}
	if _, err := logs.Delete(t.Context(), "a", away); err == nil {
		t.Fatal("Delete without the store succeeded")
	}
	if _, err := logs.Load("a"); err != nil {
		t.Fatalf("after a failed deletion: %v", err)
	}
	store := &objects{}
	n, err := logs.Delete(t.Context(), "a", store)
	slices.Sort(store.removed)
	if want := []string{"frames/last-a", "frames/own"}; err != nil || n != len(want) || !slices.Equal(store.removed, want) {
		t.Fatalf("Delete = %d, %v and removed %v; want %v", n, err, store.removed, want)
	}
	if _, err := os.Stat(filepath.Join(actor.LogDir(data), "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err := logs.Load("b"); err != nil {
		t.Errorf("the other session: %v", err)
	}
}

func TestDeleteRefuses(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	logs := sessionlog.In(data)
	write(t, data, "running", time.Now(), "", "frames/x")
	write(t, data, "whole", time.Now(), contracts.VerbCompleted, "frames/x")
	store := &objects{}
	if _, err := logs.Delete(t.Context(), "running", store); !errors.Is(err, sessionlog.ErrRuns) {
		t.Errorf("Delete of a running session = %v; want ErrRuns", err)
	}
	if err := os.WriteFile(filepath.Join(actor.LogDir(data), "running", actor.SessionFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := logs.Delete(t.Context(), "whole", store); err == nil {
		t.Error("pictures were removed although another session cannot be read")
	}
	if len(store.removed) > 0 {
		t.Errorf("removed %v", store.removed)
	}
}
