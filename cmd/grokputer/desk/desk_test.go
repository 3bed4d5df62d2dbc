package desk_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/cmd/grokputer/desk"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is a client of a service that answers with h.
func client(t *testing.T, h http.HandlerFunc) *desk.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return desk.New(s.URL+"/", "secret")
}

func TestRate(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.Path != "/v1/feedback" || r.Header.Get("Idempotency-Key") != "k" ||
			r.Header.Get("Authorization") != "Bearer secret" || string(body) != `{"session_id":"s1","rating":2}` {
			t.Errorf("%s %s %v\n%s", r.Method, r.URL, r.Header, body)
		}
		w.WriteHeader(http.StatusCreated)
	})
	if err := c.Rate(t.Context(), contracts.Feedback{SessionID: "s1", Rating: 2}, "k"); err != nil {
		t.Error(err)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]struct {
		is   error
		says string
	}{
		404: {feedback.ErrNotFound, "grokputer sessions"},
		422: {feedback.ErrInvalid, "stars; too few (body.rating)"},
		409: {feedback.ErrConflict, "stars"},
		503: {feedback.ErrUnavailable, "try again in a moment"},
		401: {nil, "GROKPUTER_HTTP_TOKEN"},
		500: {nil, "stars"},
	} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"title":"Bad","detail":"stars","errors":[{"message":"too few","location":"body.rating"}]}`)
		})
		_, err := c.Stats(t.Context())
		if err == nil || want.is != nil && !errors.Is(err, want.is) || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/stats" {
			_, _ = io.WriteString(w, "<html>")
			return
		}
		http.Error(w, "<html>no", http.StatusBadGateway)
	})
	if _, err := c.Stats(t.Context()); err == nil || !strings.Contains(err.Error(), "read the answer") {
		t.Errorf("a page instead of JSON: %v", err)
	}
	if _, err := c.Delete(t.Context(), "s1"); !errors.Is(err, feedback.ErrUnavailable) || !strings.Contains(err.Error(), "502") {
		t.Errorf("a proxy's error: %v", err)
	}
	if _, err := c.Session(t.Context(), "../x"); !errors.Is(err, feedback.ErrNotFound) {
		t.Errorf("a name that leads elsewhere: %v", err)
	}
	if _, err := desk.New("http://127.0.0.1:1", "").Stats(t.Context()); err == nil || !strings.Contains(err.Error(), "reach the feedback service") {
		t.Errorf("nobody there: %v", err)
	}
}

// TestEndedWaits: the service hears of a task's end a little later than the person does.
func TestEndedWaits(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) {
		case 1:
			w.WriteHeader(http.StatusNotFound)
		case 2:
			_, _ = io.WriteString(w, `{"session_id":"s1","outcome":""}`)
		default:
			_, _ = io.WriteString(w, `{"session_id":"s1","outcome":"failed"}`)
		}
	})
	if s, err := c.Ended(t.Context(), "s1", time.Minute); err != nil || s.Outcome != contracts.VerbFailed {
		t.Errorf("%+v, %v", s, err)
	}
	asked.Store(0)
	if _, err := c.Ended(t.Context(), "s1", 0); !errors.Is(err, feedback.ErrNotFound) {
		t.Errorf("without patience: %v", err)
	}
}
