package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// desk is a feedback service that knows every session, as one of one step. Its
// ratings come out of the channel.
func desk(t *testing.T) (url string, ratings <-chan contracts.Feedback) {
	t.Helper()
	rated := make(chan contracts.Feedback, 4)
	answer := func(w http.ResponseWriter, v any) {
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/sessions/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, feedback.Session{
			Summary: feedback.Summary{SessionID: r.PathValue("id"), Outcome: contracts.VerbFailed},
			Steps: []contracts.BundleStep{{
				Step: 1, Action: action.Action{Verb: action.Wait, N: 1}, Outcome: contracts.OutcomeUnchanged,
				State: prompt.State{Screen: screen.Screen{Elements: []screen.Element{
					{Kind: screen.Button, Text: "Save"}, {Kind: screen.Button, Text: "Save as"}, {Kind: screen.Text, Text: "hello"},
				}}},
			}},
		})
	})
	mux.HandleFunc("GET /v1/stats", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, feedback.Stats{Window: 1, Average: 2, Failures: 1, Training: &contracts.TrainingStatus{Due: true, Why: "enough"}})
	})
	mux.HandleFunc("POST /v1/feedback", func(w http.ResponseWriter, r *http.Request) {
		var f contracts.Feedback
		if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
			t.Error(err)
		}
		rated <- f
		w.WriteHeader(http.StatusCreated)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL, rated
}

// typed has the person type.
func typed(t *testing.T, person *os.File, keys string) {
	t.Helper()
	if _, err := person.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// TestRateOnATerminal: wrong answers are asked again, and Tab completes what
// stood on the screen.
func TestRateOnATerminal(t *testing.T) {
	t.Parallel()
	url, ratings := desk(t)
	h := newHome(t, "")
	person, rate := h.startOnTerminal("rate", "session_x", "--http-url", url)
	for _, turn := range [][2]string{
		{"Rate this task (1-5 stars, or press Enter to skip): ", "x\r"},
		{"is not a number of stars", "2\r"},
		{"Any feedback? (optional): ", "too slow\r"},
		{"5  Other", "1,3\r"},
		{"1  wait 1", ""},
		{"Which step was wrong?", "1\r"},
		{"Tab completes", "click text \"no\"\r"},
		{"on the screen of step 1", "cl\t"},
		{"click ", "b\t"},
		{`click button "Save`, "\t"},
		{`  click button "Save as"`, "\"\r"},
		{"Another wrong step?", "\r"},
		{"stored: 2 stars for session_x", ""},
	} {
		rate.until(turn[0])
		if turn[1] != "" { // after the last line the terminal may be closed already
			typed(t, person, turn[1])
		}
	}
	rate.wait(0, "What went wrong? (comma-separated, such as 1,3)", "2.00 stars", "training: due: enough")
	f := <-ratings
	if f.Rating != 2 || f.Comment != "too slow" || len(f.Issues) != 2 || len(f.Steps) != 1 || f.Steps[0].Corrected.String() != `click button "Save"` {
		t.Errorf("stored: %+v", f)
	}
}

// TestRunAsksForARating: the task's own result is the command's, whatever becomes of the rating.
func TestRunAsksForARating(t *testing.T) {
	t.Parallel()
	url, ratings := desk(t)
	h := newHome(t, planner(t, "done"))
	args := func(more ...string) []string {
		return append(append([]string{"run", "x", "--http-url", url}, h.args...), more...)
	}

	person, task := h.startOnTerminal(args()...)
	task.until("Rate this task")
	typed(t, person, "5\r")
	task.until("Any feedback?")
	typed(t, person, "\r")
	task.wait(0, "completed after", "stored: 5 stars for session_")
	if f := <-ratings; f.Rating != 5 || !strings.HasPrefix(f.SessionID, "session_") {
		t.Errorf("stored: %+v", f)
	}
	person, task = h.startOnTerminal(args()...)
	task.until("Rate this task")
	typed(t, person, "\x03")
	task.wait(0, "not rated; `grokputer rate session_")
	_, task = h.startOnTerminal(args("--no-rate")...)
	if said := task.wait(0, "completed after"); strings.Contains(said, "Rate this task") {
		t.Errorf("it asks:\n%s", said)
	}
	h.start(args()...).wait(0) // there is no terminal
	if len(ratings) != 0 {
		t.Errorf("stored: %+v", <-ratings)
	}
}
