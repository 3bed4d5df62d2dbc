package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
)

// past writes the record of one session and returns the data folder.
func past(t *testing.T) string {
	t.Helper()
	start := time.Date(2025, 11, 8, 14, 30, 52, 0, time.UTC)
	stars := 4
	s := actor.Session{
		SessionID: "session_20251108_143052", TaskID: "t1", Desktop: "main", Task: "count the\nPDFs",
		Start: start, End: start.Add(2500 * time.Millisecond), Outcome: contracts.VerbCompleted, Answer: "3",
		Planner: "local", Model: "small.gguf", Adapter: "starter",
		Steps: []contracts.TaskStep{{
			Step: 1, Title: "Desktop", Elements: 2, Action: action.Action{Verb: action.Find, Text: "*.pdf"},
			Confidence: 0.9, Outcome: contracts.OutcomeResult, Result: "3 files", Started: start, Ended: start.Add(time.Second),
		}},
		Metadata: actor.Metadata{UserRating: &stars},
	}
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	folder := filepath.Join(actor.LogDir(data), s.SessionID)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{actor.SessionFile: string(body), actor.PromptsFile: "{\"step\":1}\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

func TestSessionsList(t *testing.T) {
	t.Parallel()
	data := past(t)
	got := decode[[]map[string]any](t, ok(t, "sessions", "list", "--json", "--data", data))
	if len(got) != 1 || got[0]["session_id"] != "session_20251108_143052" || got[0]["outcome"] != "completed" ||
		got[0]["seconds"] != 2.5 || got[0]["steps"] != 1.0 || got[0]["user_rating"] != 4.0 {
		t.Errorf("sessions: %v", got)
	}
	if out := ok(t, "sessions", "--data", data); !strings.Contains(out, `count the\nPDFs`) {
		t.Errorf("sessions:\n%s", out)
	}
	if got := decode[[]any](t, ok(t, "sessions", "--json", "--data", t.TempDir())); len(got) != 0 {
		t.Errorf("sessions of an empty folder: %v", got)
	}
}

func TestSessionsShow(t *testing.T) {
	t.Parallel()
	data := past(t)
	out := ok(t, "sessions", "show", "session_20251108_143052", "--data", data)
	for _, want := range []string{`count the\nPDFs`, "with the adapter starter", `saw "Desktop", 2 elements`, `did find "*.pdf"`, "3 files", "completed after 1 step", "answer: 3"} {
		if !strings.Contains(out, want) {
			t.Errorf("sessions show lacks %q:\n%s", want, out)
		}
	}
	if s := decode[actor.Session](t, ok(t, "sessions", "show", "session_20251108_143052", "--json", "--data", data)); s.Answer != "3" {
		t.Errorf("sessions show --json: %+v", s)
	}
	fails(t, 1, "there is no such session", "sessions", "show", "../x", "--data", data)
}

func TestSessionsExport(t *testing.T) {
	t.Parallel()
	data := past(t)
	if out := ok(t, "sessions", "export", "session_20251108_143052", "--format", "steps", "--data", data); out != "{\"step\":1}\n" {
		t.Errorf("export: %q", out)
	}
	file := filepath.Join(t.TempDir(), "out.json")
	ok(t, "sessions", "export", "session_20251108_143052", "-o", file, "--data", data)
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if s := decode[actor.Session](t, string(body)); s.TaskID != "t1" {
		t.Errorf("exported %+v", s)
	}
	fails(t, 1, "is there already", "sessions", "export", "session_20251108_143052", "-o", file, "--data", data)
	none := filepath.Join(t.TempDir(), "none.json")
	fails(t, 1, "there is no such session", "sessions", "export", "none", "-o", none, "--data", data)
	if _, err := os.Stat(none); err == nil {
		t.Error("a failed export left a file")
	}
}

func TestSessionsDelete(t *testing.T) {
	t.Parallel()
	data := past(t)
	fails(t, 1, "add --yes", "sessions", "delete", "session_20251108_143052", "--data", data)
	// The embedded store is opened for it: nothing is up.
	out := ok(t, "sessions", "delete", "session_20251108_143052", "--yes", "--data", data)
	if !strings.Contains(out, "deleted session_20251108_143052") {
		t.Errorf("delete:\n%s", out)
	}
	fails(t, 1, "there is no such session", "sessions", "show", "session_20251108_143052", "--data", data)
}
