package pages_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
	"github.com/grokputer/grokputer/services/feedback/web/pages"
)

// desk is a feedback.Desk in memory. fails are the errors that its methods return, by name.
type desk struct {
	mu       sync.Mutex
	sessions []feedback.Session // newest first
	stats    feedback.Stats
	rated    []contracts.Feedback
	answers  []feedback.Answer
	stops    []contracts.StopAck
	filters  []feedback.Filter
	fails    map[string]error
}

func (d *desk) List(_ context.Context, f feedback.Filter) ([]feedback.Summary, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.filters = append(d.filters, f)
	var found []feedback.Summary
	for _, s := range d.sessions {
		failed := s.Outcome == contracts.VerbFailed || s.Rating != nil && s.Rating.Stars <= contracts.LowRating
		if f.Failed && !failed || f.Unrated && (s.Rating != nil || s.Outcome == "") || f.Last > 0 && len(found) == f.Last {
			continue
		}
		found = append(found, s.Summary)
	}
	return found, d.fails["List"]
}

func (d *desk) Session(_ context.Context, id string) (feedback.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.find(id)
	if err != nil {
		return feedback.Session{}, err
	}
	found := *s
	found.Steps = slices.Clone(s.Steps)
	return found, d.fails["Session"]
}

func (d *desk) find(id string) (*feedback.Session, error) {
	for i, s := range d.sessions {
		if s.SessionID == id || s.TaskID == id {
			return &d.sessions[i], nil
		}
	}
	return nil, fmt.Errorf("session %s: %w", id, feedback.ErrNotFound)
}

func (d *desk) Screenshot(context.Context, string, int) (feedback.Picture, error) {
	var b bytes.Buffer
	err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 640, 400)))
	return feedback.Picture{PNG: b.Bytes()}, err
}

// Rate checks what the service checks, as far as a form shows it.
func (d *desk) Rate(_ context.Context, f contracts.Feedback, _ string) (feedback.Rated, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fails["Rate"]; err != nil {
		return feedback.Rated{}, err
	}
	s, err := d.find(f.SessionID)
	if err != nil {
		return feedback.Rated{}, err
	}
	if f.Rating < contracts.MinRating || f.Rating > contracts.MaxRating {
		return feedback.Rated{}, &feedback.InvalidError{Field: "rating", Why: "choose from 1 to 5"}
	}
	for i, said := range f.Steps {
		b := s.Steps[said.Step-1]
		if said.Corrected == nil {
			continue
		}
		if err := b.State.Check(*said.Corrected); err != nil {
			return feedback.Rated{}, &feedback.InvalidError{
				Field: fmt.Sprintf("steps[%d].corrected_action", i), Step: said.Step, Why: err.Error(),
			}
		}
	}
	d.rated = append(d.rated, f)
	s.Rating = &feedback.Rating{Stars: f.Rating, Comment: f.Comment, Issues: f.Issues}
	for i := range s.Steps {
		s.Steps[i].Verdict, s.Steps[i].Corrected = "", nil
	}
	for _, said := range f.Steps {
		s.Steps[said.Step-1].Verdict, s.Steps[said.Step-1].Corrected = said.Verdict, said.Corrected
	}
	return feedback.Rated{New: true}, nil
}

func (d *desk) Delete(_ context.Context, id string) (feedback.Deleted, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fails["Delete"]; err != nil {
		return feedback.Deleted{}, err
	}
	d.sessions = slices.DeleteFunc(d.sessions, func(s feedback.Session) bool { return s.SessionID == id })
	return feedback.Deleted{SessionID: id, Objects: 3, Adapters: []string{"lora-v7"}}, nil
}

func (d *desk) Waiting(context.Context) ([]feedback.Summary, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []feedback.Summary
	for _, s := range d.sessions {
		if s.Waiting != nil {
			found = append(found, s.Summary)
		}
	}
	return found, d.fails["Waiting"]
}

func (d *desk) Answer(_ context.Context, a feedback.Answer) (contracts.TaskApproval, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.find(a.ID)
	if err != nil {
		return contracts.TaskApproval{}, err
	}
	if err := d.fails["Answer"]; err != nil {
		return contracts.TaskApproval{}, err
	}
	d.answers = append(d.answers, a)
	s.Waiting = nil
	return contracts.TaskApproval{}, nil
}

func (d *desk) Stop(context.Context, string) ([]contracts.StopAck, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stops, d.fails["Stop"]
}

func (d *desk) Stats(context.Context) (feedback.Stats, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stats, d.fails["Stats"]
}

func (d *desk) Live(context.Context) error { return nil }

// change alters what the desk holds while a server reads it.
func (d *desk) change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

func (d *desk) ratings() []contracts.Feedback {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.rated)
}

// clock is the time of all tests.
func clock() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

// ended is a session that clicked the wrong one of two buttons.
func ended(id, task string) feedback.Session {
	state := prompt.State{Task: task, Screen: screen.Screen{Title: "Sign in", Elements: []screen.Element{
		{Kind: screen.Field, Text: "Name", Box: screen.Box{X: 40, Y: 60, W: 300, H: 40}},
		{Kind: screen.Button, Text: "Cancel", Box: screen.Box{X: 40, Y: 120, W: 120, H: 40}},
		{Kind: screen.Button, Text: "Log in", Box: screen.Box{X: 200, Y: 120, W: 120, H: 40}},
	}}}
	shot := contracts.Frame{Image: contracts.Blob{Key: "frames/a.png"}, Width: 640, Height: 400}
	click := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "Cancel"}}
	asked := []contracts.RoleVersion{{Role: contracts.RolePlanner, Version: "starter"}, {Role: contracts.RoleAction, Version: "lora-v7"}}
	return feedback.Session{
		Summary: feedback.Summary{
			SessionID: id, TaskID: "task-" + id, Desktop: "main", Task: task,
			Started: clock().Add(-time.Hour), Ended: clock().Add(-time.Hour + 75*time.Second),
			Outcome: contracts.VerbFailed, Reason: "the same action kept having no effect",
			StepCount: 2, Planner: "local", Model: "SmolLM2-135M", Adapter: "starter",
		},
		Steps: []contracts.BundleStep{
			{Step: 1, State: state, Action: click, Confidence: 0.876, Outcome: contracts.OutcomeChanged, Effect: contracts.EffectWindow, Frame: shot, Adapters: asked},
			{Step: 2, State: state, Action: action.Action{Verb: action.Done}, Confidence: 1, Outcome: contracts.OutcomeResult, Result: "ended"},
		},
		LastFrame: &shot,
	}
}

func running(id string) feedback.Session {
	s := ended(id, "write a letter")
	s.Outcome, s.Reason, s.Ended, s.LastFrame = "", "", time.Time{}, nil
	return s
}

// serve starts the pages, with the pictures beside them as in the service.
func serve(t *testing.T, d *desk) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", pages.New(d, pages.Options{
		CSRF:     func(*http.Request) string { return "token-1" },
		Location: time.UTC, Now: clock, Log: slog.New(slog.DiscardHandler),
	}))
	mux.HandleFunc("GET /v1/sessions/{id}/steps/{n}/screenshot", func(w http.ResponseWriter, r *http.Request) {
		picture, err := d.Screenshot(r.Context(), r.PathValue("id"), 1)
		if err != nil {
			t.Error(err)
		}
		w.Write(picture.PNG)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// answer is what came back, redirects not followed.
type answer struct {
	status int
	header http.Header
	body   string
}

func ask(t *testing.T, server *httptest.Server, method, path string, form url.Values) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := server.Client().Transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(body)}
}

// shows fails the test unless the answer has the status and every text.
func (a answer) shows(t *testing.T, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d", a.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%q is missing in\n%s", text, a.body)
		}
	}
}

// hides fails the test if the answer has one of the texts.
func (a answer) hides(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%q is in\n%s", text, a.body)
		}
	}
}

var errSurprise = errors.New("surprise")
