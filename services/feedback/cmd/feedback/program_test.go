package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/standalone"
)

// door is a running program.
type door struct {
	t    *testing.T
	url  string
	data string
	bus  *bus.Bus
}

func open(t *testing.T) door {
	t.Helper()
	d := door{t: t, data: t.TempDir()}
	bound := make(chan string, 1)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	b, blobs := kittest.Program(t, &program{bound: func(address string) { bound <- address }}, "--http-listen", "127.0.0.1:0", "--data", d.data)
	d.bus = b
	d.url = "http://" + <-bound
	store, err := blob.Open(t.Context(), blob.Options{Endpoint: blobs.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	d.session(store)
	return d
}

// session has a task carried out in one step.
func (d door) session(store *blob.Store) {
	d.t.Helper()
	image, err := store.PutContent(d.t.Context(), "frames", "png", []byte("a picture"), "image/png")
	if err != nil {
		d.t.Fatal(err)
	}
	frame := contracts.Frame{Image: image, Width: 2, Height: 1, Scale: 1}
	state := prompt.State{Task: "get me <the> usual", Screen: screen.Screen{Title: "P", Elements: []screen.Element{
		{Kind: screen.Button, Text: "Tea"}, {Kind: screen.Button, Text: "Espresso"},
	}}}
	now := time.Now().UTC()
	d.publish(contracts.VerbAccepted, contracts.TaskAccepted{TaskID: "t", SessionID: "s", Desktop: "main", Task: state.Task, Time: now})
	d.publish(contracts.VerbStep, contracts.TaskStep{
		TaskID: "t", SessionID: "s", Step: 1, Frame: frame, State: &state, Outcome: contracts.OutcomeChanged,
		Action: action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "Tea"}},
	})
	d.publish(contracts.VerbCompleted, contracts.TaskEnded{TaskID: "t", SessionID: "s", Frame: &frame, Time: now})
}

func (d door) publish(verb contracts.Verb, event any) {
	d.t.Helper()
	if err := d.bus.Publish(d.t.Context(), contracts.SubjectTask(verb, "t"), event); err != nil {
		d.t.Fatal(err)
	}
}

// call makes a request and returns the status, the type and the body of the answer.
func (d door) call(method, path, body string, header ...string) (status int, kind string, answer []byte) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), answer
}

func TestRate(t *testing.T) {
	t.Parallel()
	d := open(t)
	const good = `{"session_id": "s", "rating": 1, "issues": ["wrong_action"], "comment": "no tea", "steps": [{"step": 1, "corrected_action": "click button \"Espresso\""}]}`
	for name, c := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"no stars":         {`{"session_id": "s", "rating": 0}`, 422, "body.rating"},
		"six stars":        {`{"session_id": "s", "rating": 6}`, 422, "body.rating"},
		"not a number":     {`{"session_id": "s", "rating": "x"}`, 422, "body.rating"},
		"no session":       {`{"rating": 3}`, 422, "body.session_id"},
		"unknown session":  {`{"session_id": "none", "rating": 3}`, 404, "none"},
		"an unknown field": {`{"session_id": "s", "rating": 3, "colour": 1}`, 422, "colour"},
		"an unknown issue": {`{"session_id": "s", "rating": 3, "issues": ["luck"]}`, 422, "issues"},
		"no action":        {`{"session_id": "s", "rating": 3, "steps": [{"step": 1, "corrected_action": "press it"}]}`, 422, "steps[0].corrected_action"},
		"not there":        {`{"session_id": "s", "rating": 3, "steps": [{"step": 1, "corrected_action": "click button \"Milk\""}]}`, 422, "cannot be done on the screen"},
		"not JSON":         {`{`, 400, ""},
	} {
		status, kind, answer := d.call("POST", "/v1/feedback", c.body)
		if status != c.status || kind != "application/problem+json" || !strings.Contains(string(answer), c.says) {
			t.Errorf("%s: %d %s %s, want %d with %q", name, status, kind, answer, c.status, c.says)
		}
	}
	for _, want := range []int{201, 200} {
		if status, _, answer := d.call("POST", "/v1/feedback", good, "Idempotency-Key", "k"); status != want {
			t.Errorf("%d, want %d: %s", status, want, answer)
		}
	}
	if status, _, answer := d.call("POST", "/v1/feedback", `{"session_id": "s", "rating": 5}`, "Idempotency-Key", "k"); status != 409 {
		t.Errorf("one key for two ratings: %d %s", status, answer)
	}
	if status, _, _ := d.call("POST", "/v1/feedback", good, "Origin", "https://evil.example"); status != 403 {
		t.Errorf("from another page: %d", status)
	}
	for path, says := range map[string]string{
		"/v1/sessions":              `"stars":1`,
		"/v1/sessions?failed=true":  `"session_id":"s"`,
		"/v1/sessions?unrated=true": `"sessions":[]`,
		"/v1/sessions/s":            `"corrected_action":"click button \"Espresso\""`,
		"/v1/sessions/t":            `"comment":"no tea"`,
		"/v1/stats":                 `"average":1`,
		"/healthz":                  "ok",
		"/readyz":                   "ready",
		"/metrics":                  `grokputer_ratings{stars="1"} 1`,
		"/openapi.json":             `"/v1/sessions/{id}/steps/{step}/screenshot"`,
		"/":                         "get me &lt;the&gt; usual",
		"/sessions/s":               "no tea",
	} {
		status, _, answer := d.call("GET", path, "")
		if status != 200 || !bytes.Contains(answer, []byte(says)) {
			t.Errorf("%s: %d without %s: %.600s", path, status, says, answer)
		}
	}
	status, kind, picture := d.call("GET", "/v1/sessions/s/steps/1/screenshot", "")
	if status != 200 || kind != "image/png" || string(picture) != "a picture" {
		t.Errorf("the picture: %d %s %q", status, kind, picture)
	}
	if status, _, _ := d.call("GET", "/v1/sessions/s/steps/7/screenshot", ""); status != 404 {
		t.Errorf("no such picture: %d", status)
	}
	if info, err := os.Stat(filepath.Join(d.data, "http-token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token's file: %v, %v", info, err)
	}
}

func TestTheDocumentNamesTheIssues(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, _, answer := d.call("GET", "/openapi.json", "")
	var document map[string]any
	if err := json.Unmarshal(answer, &document); err != nil {
		t.Fatal(err)
	}
	for _, issue := range contracts.Issues() {
		if !bytes.Contains(answer, []byte(`"`+issue+`"`)) {
			t.Errorf("the document does not name the issue %s", issue)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	if err := standalone.Run(t.Context(), &program{}, []string{"--http-colour"}, func() { t.Error("it serves") }); err == nil {
		t.Error("it is accepted")
	}
}
