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

// past writes the record of one session, rated with 4 stars, and returns the data folder.
func past(t *testing.T) string {
	t.Helper()
	data, stars := t.TempDir(), 4
	record(t, data, "session_20251108_143052", contracts.VerbCompleted, &stars)
	return data
}

// record writes the record of one session.
func record(t *testing.T, data, id string, outcome contracts.Verb, stars *int) {
	t.Helper()
	start, err := time.Parse("session_20060102_150405", id)
	if err != nil {
		t.Fatal(err)
	}
	s := actor.Session{
		SessionID: id, TaskID: "t1", Desktop: "main", Task: "count the\nPDFs",
		Start: start, End: start.Add(2500 * time.Millisecond), Outcome: outcome, Answer: "3",
		Planner: "local", Model: "small.gguf", Adapter: "starter",
		Steps: []contracts.TaskStep{{
			Step: 1, Title: "Desktop", Elements: 2, Action: action.Action{Verb: action.Find, Text: "*.pdf"},
			Confidence: 0.9, Outcome: contracts.OutcomeResult, Result: "3 files", Started: start, Ended: start.Add(time.Second),
		}},
		Metadata: actor.Metadata{UserRating: stars},
	}
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(actor.LogDir(data), s.SessionID)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{actor.SessionFile: string(body), actor.PromptsFile: "{\"step\":1}\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSessionsAreSelected(t *testing.T) {
	t.Parallel()
	data := past(t)
	two := 2
	record(t, data, "session_20251109_120000", contracts.VerbFailed, nil)
	record(t, data, "session_20251110_120000", contracts.VerbCompleted, &two)
	record(t, data, "session_20251111_120000", contracts.VerbCompleted, nil)
	record(t, data, "session_20251112_120000", "", nil) // it runs
	for flags, want := range map[string]string{
		"": "08 09 10 11 12", "--failed": "09 10", "--unrated": "09 11", "--failed --unrated": "09", "--last 2": "11 12", "--failed --last 1": "10", "--last 9": "08 09 10 11 12",
	} {
		args := append([]string{"sessions", "--json", "--data", data}, strings.Fields(flags)...)
		var days []string
		for _, s := range decode[[]map[string]any](t, ok(t, args...)) {
			days = append(days, strings.TrimPrefix(s["session_id"].(string), "session_202511")[:2])
		}
		if got := strings.Join(days, " "); got != want {
			t.Errorf("sessions %s: %s; want %s", flags, got, want)
		}
	}
	if out := ok(t, "sessions", "--data", data); !strings.Contains(out, "5 sessions, 2 of them rated: 3.00 stars on average") {
		t.Errorf("sessions:\n%s", out)
	}
	if out := ok(t, "sessions", "show", "session_20251110_120000", "--data", data); !strings.Contains(out, "rated with 2 stars") {
		t.Errorf("sessions show:\n%s", out)
	}
	fails(t, 1, "last: -1", "sessions", "--last=-1", "--data", data)
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
	data := t.TempDir()
	record(t, data, "session_20251108_143052", contracts.VerbCompleted, nil)
	fails(t, 1, "add --yes", "sessions", "delete", "session_20251108_143052", "--data", data)
	// The embedded store is opened for it: nothing is up.
	out := ok(t, "sessions", "delete", "session_20251108_143052", "--yes", "--data", data)
	if !strings.Contains(out, "deleted session_20251108_143052") {
		t.Errorf("delete:\n%s", out)
	}
	fails(t, 1, "there is no such session", "sessions", "show", "session_20251108_143052", "--data", data)
}
