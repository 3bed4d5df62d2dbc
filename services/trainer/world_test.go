package trainer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/blobserver"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/busserver"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/services/trainer"
)

// patience bounds every wait of these tests.
const patience = 2 * time.Minute

// world is what a trainer lives in, with a registry that has no champion and knows no
// adapter until it is told of one.
type world struct {
	t      *testing.T
	nats   *busserver.Server
	s3     *blobserver.Server
	bus    *bus.Bus
	blobs  *blob.Store
	config trainer.Config
	data   string
	// objects is the folder of the S3 server.
	objects string
	// beside has the clicks of the sessions go beside their elements.
	beside bool
	// inVain has the sessions begin with a step that came to nothing.
	inVain bool
	// adapters are what the registry knows, by version.
	adapters sync.Map
	// champion is the planner's.
	champion atomic.Pointer[contracts.Adapter]
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, nats: kittest.NATSServer(t), objects: t.TempDir(), data: t.TempDir()}
	w.startS3(blobserver.RandomPort)
	w.bus = kittest.Connect(t, w.nats, bus.Options{})
	var err error
	w.blobs, err = blob.Open(t.Context(), blob.Options{
		Endpoint: w.s3.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.blobs.Close)
	w.config = trainer.DefaultConfig()
	w.config.Model = lmtest.TinyModel(t, 48)
	w.config.LeaseTTL = time.Second
	w.config.When.CoolDown, w.config.When.LookEvery = 0, 10*time.Millisecond
	w.config.Recipe.Rank, w.config.Recipe.Variants, w.config.Recipe.Batch = 2, 3, 4
	w.config.Recipe.MinSteps, w.config.Recipe.Epochs, w.config.Recipe.CheckpointEvery, w.config.Recipe.EvalEvery = 6, 1, 2, 3
	w.registry()
	return w
}

// startS3 starts the S3 server, on a port that it had before or a free one.
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

// registry answers as a registry that has the champion, or none.
func (w *world) registry() {
	w.t.Helper()
	answer := func(subject string, reply func(contracts.AdapterQuery) any) {
		subscription, err := w.bus.Conn().Subscribe(subject, func(m *nats.Msg) {
			var q contracts.AdapterQuery
			_ = json.Unmarshal(m.Data, &q)
			v := reply(q)
			if v == nil {
				h := nats.Header{}
				h.Set("Nats-Service-Error", "there is no such adapter")
				h.Set("Nats-Service-Error-Code", contracts.MicroNotFound)
				_ = m.RespondMsg(&nats.Msg{Header: h})
				return
			}
			body, _ := json.Marshal(v)
			_ = m.Respond(body)
		})
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { _ = subscription.Unsubscribe() })
	}
	answer(contracts.SubjectRegistryResolve, func(q contracts.AdapterQuery) any {
		if q.Role != contracts.RolePlanner { // which has none of its own
			return contracts.AdapterResolved{Role: q.Role}
		}
		return contracts.AdapterResolved{Role: contracts.RolePlanner, Adapter: w.champion.Load()}
	})
	answer(contracts.SubjectRegistryGet, func(q contracts.AdapterQuery) any {
		a, ok := w.adapters.Load(q.Version)
		if !ok {
			return nil
		}
		return a
	})
}

// run runs a trainer in this process, with this runner.
func (w *world) run(r trainer.Runner) {
	w.t.Helper()
	tr, err := trainer.New(w.config, r)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- unit.Run(ctx, unit.Env{Bus: w.bus, Blobs: w.blobs, DataDir: w.data, Ready: func() { close(ready) }}, tr)
	}()
	w.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		w.t.Fatalf("the trainer ended at its start: %v", err)
	case <-time.After(patience):
		w.t.Fatal("the trainer is not ready")
	}
}

// rate stores a session with that rating; a corrected one teaches to click B.
func (w *world) rate(task string, rating int, corrected bool) {
	w.t.Helper()
	right := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "B"}}
	said := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "A"}}
	step := contracts.BundleStep{
		Step: 1, Action: said, Outcome: contracts.OutcomeChanged,
		State: prompt.State{Task: "get " + task, Screen: screen.Screen{Title: "P", Elements: []screen.Element{
			{Kind: screen.Button, Text: "A"}, {Kind: screen.Button, Text: "B"},
		}}},
	}
	if w.beside {
		step.Frame = contracts.Frame{Width: 100, Height: 100, Scale: 1}
		step.State.Screen.Elements[0].Box, step.Landed = screen.Box{W: 10, H: 10}, &screen.Point{X: 50, Y: 50}
	}
	if corrected {
		step.Corrected, step.Verdict = &right, contracts.VerdictWrong
	}
	if w.inVain { // it is the second one, after one that came to nothing
		before := step
		before.Action, before.Outcome = action.Action{Verb: action.Wait, N: 1}, contracts.OutcomeUnchanged
		before.Corrected, before.Verdict, step.Step = nil, "", 2
		w.submit(task, rating, before, step)
		return
	}
	w.submit(task, rating, step)
}

// submit stores a rated session with these steps.
func (w *world) submit(task string, rating int, steps ...contracts.BundleStep) {
	w.t.Helper()
	event := contracts.FeedbackSubmitted{
		ID: bus.NewID(), TaskID: task, SessionID: "session_" + task, Rating: rating, Steps: len(steps),
		Outcome: contracts.VerbCompleted, Time: time.Now().UTC(),
	}
	for _, step := range steps {
		if step.Corrected != nil {
			event.Corrected++
		}
	}
	body, err := json.Marshal(contracts.Bundle{
		TaskID: task, SessionID: event.SessionID, Task: steps[0].State.Task, Rating: rating, FeedbackID: event.ID, Rated: event.Time,
		Outcome: contracts.VerbCompleted, Steps: steps,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if event.Bundle, err = w.blobs.Put(w.t.Context(), "bundles/"+task+".json", body, "application/json"); err != nil {
		w.t.Fatal(err)
	}
	if err := w.bus.Publish(w.t.Context(), contracts.SubjectFeedbackSubmitted(task), event, bus.WithID(event.ID)); err != nil {
		w.t.Fatal(err)
	}
}

// fail stores five sessions with one star each.
func (w *world) fail(corrected bool) {
	for i := range 5 {
		w.rate(fmt.Sprintf("t%d", i), 1, corrected)
	}
}

// until waits for an event of the TRAINING or the ADAPTERS stream.
func (w *world) until(stream, subject string) bus.Message {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	var found bus.Message
	err := w.bus.Watch(ctx, stream, nil, bus.FromStart(), func(m bus.Message) error {
		if contracts.MatchSubject(subject, m.Subject) {
			found = m
			return bus.ErrStop
		}
		if contracts.MatchSubject("training.failed.*", m.Subject) {
			return fmt.Errorf("it failed: %s", m.Data)
		}
		return nil
	})
	if err != nil {
		w.t.Fatalf("waiting for %s: %v", subject, err)
	}
	return found
}

// untilRecorded waits until a job stands in that phase.
func (w *world) untilRecorded(phase contracts.JobPhase) contracts.JobState {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	kv, err := w.bus.KV(ctx, contracts.BucketJobs)
	if err != nil {
		w.t.Fatal(err)
	}
	watcher, err := kv.WatchAll(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	defer watcher.Stop()
	for {
		select {
		case entry := <-watcher.Updates():
			var job contracts.JobState
			if entry != nil && json.Unmarshal(entry.Value(), &job) == nil && job.Phase == phase {
				return job
			}
		case <-ctx.Done():
			w.t.Fatalf("no job came to the phase %s", phase)
		}
	}
}

// events returns the subjects of all events of a stream.
func (w *world) events(stream string) []string {
	w.t.Helper()
	last, err := w.bus.LastSequence(w.t.Context(), stream)
	if err != nil {
		w.t.Fatal(err)
	}
	var subjects []string
	if last == 0 {
		return nil
	}
	err = w.bus.Watch(w.t.Context(), stream, nil, bus.FromStart(), func(m bus.Message) error {
		subjects = append(subjects, m.Subject)
		if m.Sequence >= last {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return subjects
}

// count says how many of the subjects begin so.
func count(subjects []string, prefix string) (n int) {
	for _, s := range subjects {
		if strings.HasPrefix(s, prefix) {
			n++
		}
	}
	return n
}

func (w *world) status() contracts.TrainingStatus {
	w.t.Helper()
	reply, err := w.bus.Conn().Request(contracts.SubjectTrainerStatus, nil, patience)
	if err != nil {
		w.t.Fatal(err)
	}
	var s contracts.TrainingStatus
	if err := json.Unmarshal(reply.Data, &s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func decode[T any](t *testing.T, m bus.Message) T {
	t.Helper()
	v, err := bus.Decode[T](m)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func jobFolder(data, id string) string { return filepath.Join(data, "trainer", id) }
