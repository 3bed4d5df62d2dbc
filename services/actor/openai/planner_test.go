package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/actortest"
	"github.com/grokputer/grokputer/services/actor/openai"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reply is how the scripted endpoint answers one request.
type reply func(w http.ResponseWriter, r *http.Request)

// say answers with a completion.
func say(content string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": content}}}})
	}
}

// status answers with an error.
func status(code int, header ...string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		if len(header) == 2 {
			w.Header().Set(header[0], header[1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "sorry")
	}
}

// raw answers with a body that is no completion.
func raw(body string) reply {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// hang does not answer until the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // or the server does not notice that
	<-r.Context().Done()
}

// stall begins an answer and does not end it.
func stall(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, `{"choices": [`)
	_ = http.NewResponseController(w).Flush()
	hang(w, r)
}

// drop ends the connection without an answer.
func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// endpoint is a scripted server.
type endpoint struct {
	*httptest.Server
	mu       sync.Mutex
	replies  []reply
	requests []map[string]any
	header   http.Header
}

func serve(t *testing.T, replies ...reply) *endpoint {
	t.Helper()
	e := &endpoint{replies: replies}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/models" {
			raw(`{"data": []}`)(w, r)
			return
		}
		if r.URL.Path != "/v1/chat/completions" || r.Method != http.MethodPost {
			t.Errorf("asked for %s %s", r.Method, r.URL.Path)
		}
		e.next(t, r)(w, r)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) next(t *testing.T, r *http.Request) reply {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	var request map[string]any
	if err := json.Unmarshal(body, &request); err != nil {
		t.Error(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests, e.header = append(e.requests, request), r.Header
	if len(e.replies) == 0 {
		t.Error("one request too many")
		return status(http.StatusTeapot)
	}
	next := e.replies[0]
	e.replies = e.replies[1:]
	return next
}

// asked returns the requests so far, and the headers of the last.
func (e *endpoint) asked() ([]map[string]any, http.Header) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.requests, e.header
}

func (e *endpoint) planner(t *testing.T, o openai.Options) *openai.Planner {
	t.Helper()
	o.URL, o.Model = e.URL+"/v1/", "some-model"
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	o.Pause = time.Millisecond
	p, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func says(t *testing.T, texts []string) actor.Planner {
	var replies []reply
	for _, text := range texts {
		replies = append(replies, say(text))
	}
	return serve(t, replies...).planner(t, openai.Options{})
}

func TestPlanner(t *testing.T) {
	t.Parallel()
	actortest.Planner(t, says)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	actortest.Refusals(t, says)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	good := say(`click button "Log \"in\""`)
	for name, tt := range map[string]struct {
		replies  []reply
		options  openai.Options
		err      error
		text     string
		requests int
	}{
		"at once":               {replies: []reply{good}, requests: 1},
		"in a code block":       {replies: []reply{say("```text\nclick button \"Log \\\"in\\\"\"\n```")}, requests: 1},
		"in quotes":             {replies: []reply{say("`click button \"Log \\\"in\\\"\"`\n")}, requests: 1},
		"busy, then":            {replies: []reply{status(429), status(503), good}, requests: 3},
		"it thinks aloud":       {replies: []reply{say("<think>done?\nno</think>\n\nclick button \"Log \\\"in\\\"\"")}, requests: 1},
		"it only thinks":        {replies: []reply{say("<think>what now"), say("<think>what now")}, err: actor.ErrNoPlan, text: `"<think>what now"`, requests: 2},
		"no content":            {replies: []reply{raw(`{"choices": [{"message": {"content": null}}]}`), good}, requests: 2},
		"cut off":               {replies: []reply{say(`click button "Log`), good}, requests: 2},
		"timed out there":       {replies: []reply{status(408), good}, requests: 2},
		"an answer that stalls": {replies: []reply{stall, good}, options: openai.Options{Timeout: 300 * time.Millisecond}, requests: 2},
		"an error, with 200":    {replies: []reply{raw(`{"error": {"message": "out of credit"}}`)}, err: actor.ErrNoPlan, text: `"out of credit"`, requests: 1},
		"long talk":             {replies: []reply{say("Sure!"), say(strings.Repeat("ü", 300))}, err: actor.ErrNoPlan, text: `"` + strings.Repeat("ü", 200) + `…"`, requests: 2},
		"busy for a while":      {replies: []reply{status(429, "Retry-After", "1"), good}, requests: 2},
		"connection lost, then": {replies: []reply{drop, good}, requests: 2},
		"silent, then":          {replies: []reply{hang, good}, options: openai.Options{Timeout: 300 * time.Millisecond}, requests: 2},
		"second try":            {replies: []reply{say("I would click on Log in."), good}, requests: 2},
		"second try after busy": {replies: []reply{say(`click button "Nope"`), status(500), good}, requests: 3},
		"always busy":           {replies: []reply{status(500), status(502), status(503), status(429)}, err: actor.ErrNoPlan, text: "429", requests: 4},
		"always silent":         {replies: []reply{hang, hang}, options: openai.Options{Timeout: 50 * time.Millisecond, Attempts: 2}, err: actor.ErrNoPlan, text: "no answer within 50ms", requests: 2},
		"not allowed":           {replies: []reply{status(401)}, err: actor.ErrNoModel, text: "key", requests: 1},
		"bad request":           {replies: []reply{status(400)}, err: actor.ErrNoPlan, text: "400", requests: 1},
		"garbage":               {replies: []reply{raw("<html>")}, err: actor.ErrNoPlan, text: "something else than a completion", requests: 1},
		"no choice":             {replies: []reply{raw(`{"choices": []}`)}, err: actor.ErrNoPlan, text: "without a choice", requests: 1},
		"talks twice":           {replies: []reply{say("Sure!"), say("Sorry.")}, err: actor.ErrNoPlan, text: `twice with what cannot be done, at last with "Sorry."`, requests: 2},
		"endless":               {replies: []reply{say(strings.Repeat("a", 2<<20))}, err: actor.ErrNoPlan, text: "something else", requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, tt.replies...)
			d, err := e.planner(t, tt.options).Plan(t.Context(), actortest.States()[1].State, actortest.May())
			if !errors.Is(err, tt.err) || err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("the error is %v, want %v with %q", err, tt.err, tt.text)
			}
			if err == nil && d.Action.String() != `click button "Log \"in\""` {
				t.Errorf("the action is %s", d.Action)
			}
			if requests, _ := e.asked(); len(requests) != tt.requests {
				t.Errorf("%d requests, want %d", len(requests), tt.requests)
			}
		})
	}
}

// The second question holds the first answer and what was wrong with it.
func TestAsksAgain(t *testing.T) {
	t.Parallel()
	e := serve(t, say(`click button "Sign up"`), say("done"))
	if _, err := e.planner(t, openai.Options{Key: "secret"}).Plan(t.Context(), actortest.States()[1].State, actortest.May()); err != nil {
		t.Fatal(err)
	}
	requests, header := e.asked()
	if got := header.Get("Authorization"); got != "Bearer secret" {
		t.Errorf("the key was sent as %q", got)
	}
	messages := requests[1]["messages"].([]any)
	var roles, last []string
	for _, m := range messages {
		roles = append(roles, m.(map[string]any)["role"].(string))
		last = append(last, fmt.Sprint(m.(map[string]any)["content"]))
	}
	if got := strings.Join(roles, " "); got != "system user assistant user" {
		t.Errorf("the roles are %s", got)
	}
	for i, want := range []string{`open "app"`, `button "Log \"in\""`, `click button "Sign up"`, "no such element"} {
		if !strings.Contains(last[i], want) {
			t.Errorf("message %d lacks %q: %s", i, want, last[i])
		}
	}
}

// What may not be said is told in words, and refused when it is said all the same.
func TestNotNow(t *testing.T) {
	t.Parallel()
	may := actortest.May()
	click, err := action.Parse(`click field "" #2`)
	if err != nil {
		t.Fatal(err)
	}
	may.Not, may.Unfinished = []action.Action{click}, "type \"a\" could not be done:\nno focus"
	e := serve(t, say("done"), say(`click field "" #1`), say(`answer "4"`), say(`click field "" #2`))
	p := e.planner(t, openai.Options{})
	if d, err := p.Plan(t.Context(), actortest.States()[1].State, may); err != nil || d.Action.String() != `click field "" #1` {
		t.Errorf("it planned %s, %v", d.Action, err)
	}
	if d, err := p.Plan(t.Context(), actortest.States()[1].State, may); !errors.Is(err, actor.ErrNoPlan) || !strings.Contains(err.Error(), "came to nothing") {
		t.Errorf("it planned %s, %v", d.Action, err)
	}
	requests, _ := e.asked()
	said := func(request, message int) string {
		return fmt.Sprint(requests[request]["messages"].([]any)[message].(map[string]any)["content"])
	}
	if system := said(0, 0); strings.Contains(system, "\ndone") || strings.Contains(system, "\nanswer") || !strings.Contains(system, "\nfail") {
		t.Errorf("the instructions are %s", system)
	}
	for _, want := range []string{"\nNot now: done, answer (the task is not done, for type \"a\" could not be done:\\nno focus)", "\nNot now: click field \"\" #2 ("} {
		if !strings.Contains(said(0, 1), want) {
			t.Errorf("the message lacks %q: %s", want, said(0, 1))
		}
	}
	if again := said(1, 3); !strings.Contains(again, "the task is not done") {
		t.Errorf("the second message is %s", again)
	}
}

// trigger is a log that calls f when the planner tries again.
type trigger struct {
	slog.Handler
	f func()
}

func (h trigger) Handle(_ context.Context, r slog.Record) error {
	if r.Level == slog.LevelWarn {
		h.f()
	}
	return nil
}

func (trigger) Enabled(context.Context, slog.Level) bool { return true }

// An endpoint that is not there yet is tried again; one that never comes is an error.
func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	for name, comes := range map[string]bool{"it comes": true, "it stays away": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := l.Addr().String()
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			var once sync.Once
			tries := 0
			log := slog.New(trigger{slog.DiscardHandler, func() {
				tries++
				if !comes {
					return
				}
				once.Do(func() {
					l, err := net.Listen("tcp", address)
					if err != nil {
						t.Error(err)
						return
					}
					server := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(say("done")), ReadHeaderTimeout: time.Minute}}
					server.Start()
					t.Cleanup(server.Close)
				})
			}})
			p, err := openai.New(openai.Options{URL: "http://" + address, Model: "m", Attempts: 3, Pause: time.Millisecond, Timeout: 30 * time.Second, Log: log})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			_, err = p.Plan(t.Context(), actortest.States()[0].State, actortest.May())
			switch {
			case comes && err != nil:
				t.Error(err)
			case !comes && (!errors.Is(err, actor.ErrNoPlan) || !strings.Contains(err.Error(), "refused") || tries != 2):
				t.Errorf("after %d more tries the error is %v", tries, err)
			}
		})
	}
}

// The pause that an endpoint asks for is kept, whatever ours would be.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]func() string{
		"seconds": func() string { return "1" },
		"a date":  func() string { return time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var times []time.Time
			var mu sync.Mutex
			noted := func(r reply) reply {
				return func(w http.ResponseWriter, request *http.Request) {
					mu.Lock()
					times = append(times, time.Now())
					mu.Unlock()
					r(w, request)
				}
			}
			busy := func(w http.ResponseWriter, r *http.Request) {
				status(http.StatusTooManyRequests, "Retry-After", header())(w, r)
			}
			e := serve(t, noted(busy), noted(say("done")))
			if _, err := e.planner(t, openai.Options{}).Plan(t.Context(), actortest.States()[0].State, actortest.May()); err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if len(times) != 2 || times[1].Sub(times[0]) < 900*time.Millisecond {
				t.Errorf("it was asked at %v", times)
			}
		})
	}
}

func TestPicture(t *testing.T) {
	t.Parallel()
	for _, images := range []bool{true, false} {
		e := serve(t, say("done"))
		fetched := false
		_, err := e.planner(t, openai.Options{Images: images}).PlanSeeing(t.Context(), actortest.States()[0].State, actortest.May(),
			func(context.Context) ([]byte, error) { fetched = true; return []byte("PNG!"), nil })
		if err != nil {
			t.Fatal(err)
		}
		requests, _ := e.asked()
		body, err := json.Marshal(requests[0]["messages"])
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(body), `"url":"data:image/png;base64,UE5HIQ=="`); got != images || fetched != images {
			t.Errorf("images %t: picture fetched %t, sent %t: %s", images, fetched, got, body)
		}
	}
	e := serve(t)
	_, err := e.planner(t, openai.Options{Images: true}).PlanSeeing(t.Context(), actortest.States()[0].State, actortest.May(),
		func(context.Context) ([]byte, error) { return nil, errors.New("no picture") })
	if !errors.Is(err, actor.ErrNoPlan) {
		t.Errorf("a picture that cannot be fetched gave %v", err)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reply reply
		err   error
	}{
		"ready":            {raw("{}"), nil},
		"no list":          {status(404), nil},
		"key is wrong":     {status(401), actor.ErrNoModel},
		"not answering":    {drop, actor.ErrNoModel},
		"silent":           {hang, actor.ErrNoModel},
		"failing for once": {status(500), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(tt.reply))
			t.Cleanup(server.Close)
			p, err := openai.New(openai.Options{URL: server.URL, Model: "m", Timeout: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			if err := p.Ready(t.Context()); !errors.Is(err, tt.err) {
				t.Errorf("Ready is %v, want %v", err, tt.err)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, o := range []openai.Options{
		{Model: "m"}, {URL: "localhost:8000", Model: "m"}, {URL: "ftp://x", Model: "m"}, {URL: "http://", Model: "m"}, {URL: "http://x"},
	} {
		if _, err := openai.New(o); err == nil {
			t.Errorf("New(%+v) was accepted", o)
		}
	}
}
