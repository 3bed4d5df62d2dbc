package actor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/scripted"
	"github.com/grokputer/grokputer/services/actor/simulated"
)

func TestMain(m *testing.M) {
	if crashChild() {
		return
	}
	goleak.VerifyTestMain(m)
}

// limit is what no wait of these tests comes near to unless something is broken.
const limit = 60 * time.Second

// house is an actor on a simulated desktop, with a bus of its own.
type house struct {
	t       *testing.T
	bus     *bus.Bus
	desktop *simulated.Desktop
	vault   *simulated.Vault
	dataDir string
	config  actor.Config
	planner actor.Planner
	// adapters may be nil.
	adapters actor.Adapters
	secrets  secrets.Store
	// fronts are the titles of the window in front at each look of the policy; nil
	// when the hands do not know the windows.
	fronts chan string
	// hands are those of a real desktop, and stopKey what is held there; the
	// simulated desktop's and none when nil.
	hands   actor.Hands
	stopKey actor.StopKey
}

// build makes a house whose planner says these actions.
func build(t *testing.T, s screen.Screen, actions ...string) *house {
	t.Helper()
	config := actor.DefaultConfig()
	config.LeaseTTL = time.Second
	config.OpenMost = 100 * time.Millisecond
	config.MinFreeBytes = 1
	return &house{
		t: t, bus: kittest.NATS(t), desktop: simulated.NewDesktop(s), vault: new(simulated.Vault),
		dataDir: t.TempDir(), config: config, planner: scripted.New(scripted.List(actions...)),
	}
}

// start runs the actor until the test ends, or stop is called.
func (h *house) start() (stop func()) {
	h.t.Helper()
	var hands actor.Hands = h.desktop.Hands()
	if h.hands != nil {
		hands = h.hands
	}
	if h.fronts != nil {
		hands = watched{hands, h.fronts}
	}
	a, err := actor.New(h.config, actor.Ports{
		Planner: h.planner, Hands: hands, Eyes: h.desktop.Eyes(),
		Apps: h.desktop.Apps("editor", "notepad"), Vault: h.vault, Frames: h.desktop.Frames(),
		Adapters: h.adapters, StopKey: h.stopKey, Secrets: h.secrets,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- unit.Run(ctx, unit.Env{
			Bus: h.bus, DataDir: h.dataDir, Ready: func() { close(ready) }, Log: testLog(),
		}, a)
	}()
	select {
	case <-ready:
	case err := <-done:
		h.t.Fatalf("the actor did not start: %v", err)
	}
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("the actor ended with %v", err)
		}
	}
	h.t.Cleanup(stop)
	return stop
}

// testLog writes to stderr when ACTOR_TEST_LOG is set.
func testLog() *slog.Logger {
	if os.Getenv("ACTOR_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// ask publishes a request as `nats pub` does, without headers.
func (h *house) ask(body string) {
	h.t.Helper()
	if _, err := h.bus.JetStream().Publish(h.t.Context(), contracts.SubjectTaskRequested(), []byte(body)); err != nil {
		h.t.Fatal(err)
	}
}

// event is one event of a task.
type event struct {
	verb contracts.Verb
	id   string
	data []byte
	bus.Message
}

// each calls f with every event of every task, from the first, until f returns true.
func (h *house) each(f func(event) bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), limit)
	defer cancel()
	err := h.bus.Watch(ctx, contracts.StreamTasks, nil, bus.FromStart(), func(m bus.Message) error {
		verb, id, ok := contracts.ParseTaskSubject(m.Subject)
		if ok && f(event{verb: verb, id: id, data: m.Data, Message: m}) {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		h.t.Fatalf("waiting for an event: %v", err)
	}
}

// await returns the first event of a verb, of any task when id is empty.
func (h *house) await(verb contracts.Verb, id string) event {
	h.t.Helper()
	var found event
	h.each(func(e event) bool {
		found = e
		return e.verb == verb && (id == "" || e.id == id)
	})
	return found
}

// ended returns the last event of a task, of the first that ends when id is empty.
func (h *house) ended(id string) (contracts.Verb, contracts.TaskEnded) {
	h.t.Helper()
	var last event
	h.each(func(e event) bool {
		last = e
		return e.verb.Ends() && (id == "" || e.id == id)
	})
	return last.verb, decode[contracts.TaskEnded](h.t, last.data)
}

// verbs returns the verbs of a task's events in order, three steps in a row as
// step*3.
func (h *house) verbs(id string) string {
	h.t.Helper()
	var verbs []string
	h.each(func(e event) bool {
		if e.id == id {
			verbs = append(verbs, string(e.verb))
		}
		return e.id == id && e.verb.Ends()
	})
	var short []string
	for len(verbs) > 0 {
		n := 1
		for n < len(verbs) && verbs[n] == verbs[0] {
			n++
		}
		word := verbs[0]
		if n > 1 {
			word = fmt.Sprintf("%s*%d", word, n)
		}
		short, verbs = append(short, word), verbs[n:]
	}
	return strings.Join(short, " ")
}

// steps returns the events of a task's steps, of the first task that ends.
func (h *house) steps() []contracts.TaskStep {
	h.t.Helper()
	var steps []contracts.TaskStep
	h.each(func(e event) bool {
		if e.verb == contracts.VerbStep {
			steps = append(steps, decode[contracts.TaskStep](h.t, e.data))
		}
		return e.verb.Ends()
	})
	return steps
}

// completed fails the test unless the first task that ends was completed.
func (h *house) completed() contracts.TaskEnded {
	h.t.Helper()
	verb, end := h.ended("")
	if verb != contracts.VerbCompleted {
		h.t.Fatalf("the task was %s: %s: %s", verb, end.Code, end.Reason)
	}
	return end
}

// session reads a session's log.
func (h *house) session(id string) actor.Session {
	h.t.Helper()
	body, err := os.ReadFile(filepath.Join(actor.LogDir(h.dataDir), id, actor.SessionFile))
	if err != nil {
		h.t.Fatal(err)
	}
	return decode[actor.Session](h.t, body)
}

// put stores what an earlier process would have left in a bucket.
func (h *house) put(bucket, key string, value any) {
	h.t.Helper()
	kv, err := h.bus.KV(h.t.Context(), bucket)
	if err != nil {
		h.t.Fatal(err)
	}
	body, err := json.Marshal(value)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := kv.Put(h.t.Context(), key, body); err != nil {
		h.t.Fatal(err)
	}
}

func decode[T any](t *testing.T, body []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// editor is a screen with a field and a few buttons.
func editor() screen.Screen {
	return screen.Screen{Title: "a.txt - editor", Elements: []screen.Element{
		{Kind: screen.Field}, {Kind: screen.Button, Text: "Bold"}, {Kind: screen.Button, Text: "Send"},
	}}
}

var errTest = errors.New("made to fail")
