package feedback_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/blobserver"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/feedback"
	"github.com/grokputer/grokputer/services/feedback/sqlite"
)

// world is what the service lives in.
type world struct {
	t       *testing.T
	bus     *bus.Bus
	s3      *blobserver.Server
	objects string
	blobs   *blob.Store
	db      string
	options feedback.Options
	at      time.Time // the time of the next event
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, bus: kittest.NATS(t), objects: t.TempDir(), db: filepath.Join(t.TempDir(), "feedback.db"),
		options: feedback.DefaultOptions(), at: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC),
	}
	w.startS3(blobserver.RandomPort)
	var err error
	w.blobs, err = blob.Open(t.Context(), blob.Options{
		Endpoint: w.s3.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.blobs.Close)
	return w
}

func (w *world) startS3(port int) {
	w.t.Helper()
	var err error
	w.s3, err = blobserver.Start(w.t.Context(), blobserver.Options{
		Dir: w.objects, Port: port, AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.s3.Shutdown() }) // a test may have done so
}

func (w *world) restartS3() {
	w.t.Helper()
	_, port, err := net.SplitHostPort(w.s3.Endpoint())
	if err != nil {
		w.t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		w.t.Fatal(err)
	}
	w.startS3(n)
}

// run runs the service until the test or the returned function ends it.
func (w *world) run() (s *feedback.Service, stop func()) {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := sqlite.Open(w.t.Context(), w.db, log)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err = feedback.New(w.options, store, unit.Env{
		Bus: w.bus, Blobs: w.blobs, Log: log, Tracer: noop.NewTracerProvider().Tracer(""),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.Project(ctx, func() { close(ready) }) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
		if err := store.Close(); err != nil {
			w.t.Error(err)
		}
	}
	w.t.Cleanup(stop)
	<-ready
	return s, stop
}

func (w *world) publish(verb contracts.Verb, id string, event any) {
	w.t.Helper()
	w.at = w.at.Add(time.Second)
	if err := w.bus.Publish(w.t.Context(), contracts.SubjectTask(verb, id), event, bus.WithTask(id)); err != nil {
		w.t.Fatal(err)
	}
}

func parse(t *testing.T, s string) action.Action {
	t.Helper()
	a, err := action.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// panel is the screen of every session here.
var panel = screen.Screen{Title: "Panel", Elements: []screen.Element{ //nolint:gochecknoglobals // it is never written
	{Kind: screen.Button, Text: "Tea"}, {Kind: screen.Button, Text: "Espresso"}, {Kind: screen.Field},
}}

// frame is a picture that lies in S3.
func (w *world) frame(content string) contracts.Frame {
	w.t.Helper()
	stored, err := w.blobs.PutContent(w.t.Context(), "frames", "png", []byte(content), "image/png")
	if err != nil {
		w.t.Fatal(err)
	}
	return contracts.Frame{Image: stored, Width: 4, Height: 3, Scale: 1, Time: w.at}
}

// session has a task carried out in two steps, whose pictures are two, and a third
// that it ends with.
func (w *world) session(id string, outcome contracts.Verb) {
	w.t.Helper()
	w.publish(contracts.VerbAccepted, id, contracts.TaskAccepted{
		TaskID: id, SessionID: "session_" + id, Desktop: "main", Task: "get me the usual", Time: w.at,
	})
	w.publish(contracts.VerbStarted, id, contracts.TaskStarted{
		TaskID: id, SessionID: "session_" + id, Planner: "local", Model: "m", Adapter: "starter", Time: w.at,
	})
	for n, said := range []string{`click button "Tea"`, "done"} {
		state := prompt.State{Task: "get me the usual", Screen: panel}
		w.publish(contracts.VerbStep, id, contracts.TaskStep{
			TaskID: id, SessionID: "session_" + id, Step: n + 1, Frame: w.frame(fmt.Sprint(id, n)), Title: "Panel",
			Action: parse(w.t, said), Confidence: 0.5, Outcome: contracts.OutcomeChanged, State: &state, Ended: w.at,
			Landed:   &screen.Point{X: 30, Y: n},
			Adapters: []contracts.RoleVersion{{Role: contracts.RolePlanner, Version: "starter"}},
		})
	}
	if outcome == "" {
		return
	}
	last := w.frame(id + " last")
	w.publish(outcome, id, contracts.TaskEnded{TaskID: id, SessionID: "session_" + id, Steps: 2, Frame: &last, Time: w.at})
}

// submitted returns the ratings of the FEEDBACK stream, by the verb of their subject.
func (w *world) submitted() map[string][]contracts.FeedbackSubmitted {
	w.t.Helper()
	last, err := w.bus.LastSequence(w.t.Context(), contracts.StreamFeedback)
	if err != nil {
		w.t.Fatal(err)
	}
	found := map[string][]contracts.FeedbackSubmitted{}
	if last == 0 {
		return found
	}
	err = w.bus.Watch(w.t.Context(), contracts.StreamFeedback, nil, bus.FromStart(), func(m bus.Message) error {
		kind := contracts.KindOf(m.Subject)
		event, err := bus.Decode[contracts.FeedbackSubmitted](m)
		if err != nil {
			return err
		}
		found[kind] = append(found[kind], event)
		if m.Sequence >= last {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// keys are those of the objects below a prefix.
func (w *world) keys(prefix string) []string {
	w.t.Helper()
	list, err := w.blobs.List(w.t.Context(), prefix)
	if err != nil {
		w.t.Fatal(err)
	}
	var keys []string
	for _, o := range list {
		keys = append(keys, o.Key)
	}
	return keys
}

// corrected says what would have been right in the first step.
func corrected(t *testing.T, a string) []contracts.StepFeedback {
	t.Helper()
	right := parse(t, a)
	return []contracts.StepFeedback{{Step: 1, Corrected: &right}}
}

func hasPicture(p feedback.Picture, content string) bool {
	return bytes.Equal(p.PNG, []byte(content)) && p.SHA256 != ""
}
