package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// deskFake is a feedback service with one session that has ended and one that runs.
type deskFake struct {
	url string

	mu      sync.Mutex
	rated   []contracts.Feedback
	deleted []string
	refuse  string // why ratings are refused; empty when they are taken
}

const ratedSession = "session_20251108_143052"

func newDesk(t *testing.T) *deskFake {
	t.Helper()
	d := &deskFake{}
	ended := feedback.Session{
		Summary: feedback.Summary{SessionID: ratedSession, TaskID: "t1", Outcome: contracts.VerbCompleted},
		Steps: []contracts.BundleStep{{
			Step: 1, Action: action.Action{Verb: action.Done}, Outcome: contracts.OutcomeUnchanged,
			State: prompt.State{Task: "save", Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Button, Text: "Save"}}}},
		}},
	}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /v1/sessions/"+ratedSession, func(w http.ResponseWriter, _ *http.Request) { answer(w, ended) })
	mux.HandleFunc("GET /v1/sessions/running", func(w http.ResponseWriter, _ *http.Request) { answer(w, feedback.Session{}) })
	mux.HandleFunc("GET /v1/sessions/{id}", http.NotFound)
	mux.HandleFunc("GET /v1/stats", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, feedback.Stats{Window: 8, Average: 3.25, Failures: 2, Training: &contracts.TrainingStatus{
			Why: "8 of 50 are rated", Uncorrected: []string{"session_x"},
		}})
	})
	mux.HandleFunc("POST /v1/feedback", func(w http.ResponseWriter, r *http.Request) { d.rate(t, w, r) })
	mux.HandleFunc("DELETE /v1/sessions/{id}", func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.deleted = append(d.deleted, r.PathValue("id"))
		d.mu.Unlock()
		answer(w, feedback.Deleted{SessionID: r.PathValue("id"), Adapters: []string{"lora-v1", "lora-v2"}})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	d.url = s.URL
	return d
}

func (d *deskFake) rate(t *testing.T, w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"title":"Unprocessable Entity","detail":"`+d.refuse+`"}`)
		return
	}
	var f contracts.Feedback
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil || r.Header.Get("Idempotency-Key") == "" {
		t.Errorf("a rating with the key %q: %v", r.Header.Get("Idempotency-Key"), err)
	}
	d.rated = append(d.rated, f)
	w.WriteHeader(http.StatusCreated)
}

func (d *deskFake) args(args ...string) []string { return append(args, "--http-url", d.url) }

func TestRateByFlags(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	out := ok(t, d.args("rate", ratedSession, "--stars", "2", "--comment", "wrong, button", "--issue", "ocr,wrong_action",
		"--step", "1", "--action", `click button "Save"`)...)
	for _, want := range []string{
		"stored: 2 stars for " + ratedSession, "step 1 was wrong; right: click button \"Save\"",
		"average of the last 8 rated sessions: 3.25 stars, 2 of them", "training: not due: 8 of 50", "session_x",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("rate lacks %q:\n%s", want, out)
		}
	}
	got := decode[map[string]any](t, ok(t, d.args("rate", ratedSession, "--stars", "5", "--json")...))
	if got["rating"] != 5.0 || got["stats"].(map[string]any)["average"] != 3.25 {
		t.Errorf("rate --json: %v", got)
	}
	if len(d.rated) != 2 || d.rated[0].Comment != "wrong, button" || len(d.rated[0].Issues) != 2 ||
		d.rated[0].Steps[0].Corrected.String() != `click button "Save"` || d.rated[1].SessionID != ratedSession {
		t.Errorf("stored: %+v", d.rated)
	}
}

func TestRateErrors(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, test := range []struct {
		status int
		says   string
		args   []string
	}{
		{2, "from 1 to 5", []string{ratedSession, "--stars", "0"}},
		{2, "from 1 to 5", []string{ratedSession, "--stars", "6"}},
		{2, `"x" is not a number of stars`, []string{ratedSession, "--stars", "x"}},
		{1, "say with --stars", []string{ratedSession, "--comment", "hm"}},
		{1, "say with --stars", []string{ratedSession, "--json"}},
		{1, "there was no answer; say with --stars", []string{ratedSession}},
		{1, `"slow" is neither`, []string{ratedSession, "--stars", "1", "--issue", "slow"}},
		{1, "there is no such session", []string{"unknown", "--stars", "1"}},
		{1, "there is no such session", []string{"../stats", "--stars", "1"}},
		{1, "it has not ended", []string{"running", "--stars", "1"}},
		{1, "there is no step 4", []string{ratedSession, "--stars", "1", "--step", "4"}},
		{1, "each --action needs its --step", []string{ratedSession, "--stars", "1", "--action", "done"}},
		{1, "on the screen of step 1", []string{ratedSession, "--stars", "1", "--step", "1", "--action", `click button "Open"`}},
		{1, "that is what the agent did", []string{ratedSession, "--stars", "1", "--step", "1", "--action", "done"}},
		{1, "unknown verb", []string{ratedSession, "--stars", "1", "--step", "1", "--action", "press it"}},
	} {
		fails(t, test.status, test.says, d.args(append([]string{"rate"}, test.args...)...)...)
	}
	d.refuse = "the picture is gone"
	fails(t, 1, "the picture is gone", d.args("rate", ratedSession, "--stars", "1")...)
	if len(d.rated) != 0 {
		t.Errorf("stored all the same: %+v", d.rated)
	}
	fails(t, 1, "start it with `grokputer up`", "rate", ratedSession, "--stars", "1", "--data", t.TempDir())
	fails(t, 1, "reach the feedback service", "rate", ratedSession, "--stars", "1", "--http-url", "http://127.0.0.1:1")
}

func TestDeleteOfARatedSession(t *testing.T) {
	t.Parallel()
	d, data := newDesk(t), past(t)
	fails(t, 1, "start `grokputer up` first", "sessions", "delete", ratedSession, "--yes", "--data", data)
	out := ok(t, d.args("sessions", "delete", ratedSession, "--yes", "--data", data)...)
	if !strings.Contains(out, "deleted "+ratedSession) || !strings.Contains(out, "lora-v1, lora-v2") {
		t.Errorf("delete:\n%s", out)
	}
	if len(d.deleted) != 1 || d.deleted[0] != ratedSession {
		t.Errorf("the service deleted %v", d.deleted)
	}
	fails(t, 1, "there is no such session", d.args("sessions", "delete", ratedSession, "--yes", "--data", data)...)
}
