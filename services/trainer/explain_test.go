package trainer_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	wrong, right := action.Action{Verb: action.Wait, N: 5}, action.Action{Verb: action.Done}
	when := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	source := func(step int, basis string) *trainer.Source {
		return &trainer.Source{SessionID: "s", TaskID: "t", Step: step, Rating: 1, Said: wrong, FeedbackID: "f", Sequence: 17, Rated: when, Basis: basis, Reason: "why", Weight: 0.5}
	}
	lesson := trainer.Example{Kind: trainer.KindLesson, State: prompt.State{Task: "stop"}, Right: right, Wrong: &wrong, Source: source(2, "correction")}
	varied, held := lesson, lesson
	varied.Varied, held.Varied, held.HeldOut = true, true, true
	bad := trainer.Example{Kind: trainer.KindBad, State: prompt.State{Task: "stop"}, Wrong: &wrong, Source: source(3, "session")}
	examples := []trainer.Example{lesson, varied, varied, {Kind: "press", Right: right}, bad, held, {Kind: "press", Right: right, HeldOut: true}}
	e := trainer.Explain(examples)
	if e.Examples != 7 || e.Replay != 1 || e.HeldOut != 2 || len(e.Steps) != 2 {
		t.Fatalf("%+v", e)
	}
	want := contracts.ExplainedStep{
		Example: 1, Variants: 2, HeldOut: 1, Kind: "lesson", SessionID: "s", TaskID: "t", Step: 2, Rating: 1, Task: "stop", Said: "wait 5", Right: "done",
		By: "user", Basis: "correction", Reason: "why", Weight: 0.5, Rated: when, FeedbackID: "f", Sequence: 17,
	}
	if e.Steps[0] != want {
		t.Errorf("%+v", e.Steps[0])
	}
	if got := e.Steps[1]; got.Example != 5 || got.Kind != "bad" || got.By != "session" || got.Right != "" || got.Said != "wait 5" {
		t.Errorf("%+v", got)
	}
	one, err := trainer.ExplainExample(examples, 6)
	if err != nil || !one.HeldOut || !one.Varied || one.Example != 6 || one.Sequence != 17 || one.Right != "done" || !strings.HasPrefix(one.Prompt, "Task: stop\n") {
		t.Errorf("%+v, %v", one, err)
	}
	if starter, err := trainer.ExplainExample(examples, 4); err != nil || starter.By != "starter" || starter.Right != "done" {
		t.Errorf("%+v, %v", starter, err)
	}
	for _, n := range []int{0, -1, 8} {
		if _, err := trainer.ExplainExample(examples, n); err == nil || !strings.Contains(err.Error(), "from 1 to 7") {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// explain asks the trainer.
func (w *world) explain(query any) (e contracts.Explained, failure string) {
	w.t.Helper()
	body, ok := query.(string)
	if !ok {
		encoded, err := json.Marshal(query)
		if err != nil {
			w.t.Fatal(err)
		}
		body = string(encoded)
	}
	reply, err := w.bus.Conn().Request(contracts.SubjectTrainerExplain, []byte(body), patience)
	if err != nil {
		w.t.Fatal(err)
	}
	if code := reply.Header.Get("Nats-Service-Error-Code"); code != "" {
		return e, code + " " + reply.Header.Get("Nats-Service-Error")
	}
	if err := json.Unmarshal(reply.Data, &e); err != nil {
		w.t.Fatal(err)
	}
	return e, ""
}

// From the event of a version back to each rating: session, step, screen, what was done,
// what was right, who said so, when, and in which event.
func TestAVersionIsExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(&fake{})
	w.fail(true)
	published := decode[contracts.AdapterPublished](t, w.until(contracts.StreamAdapters, "adapter.published.*.*"))
	w.known(contracts.Adapter{AdapterPublished: published})
	w.known(contracts.Adapter{AdapterPublished: contracts.AdapterPublished{Version: "starter"}})
	e, failure := w.explain("lora-v1")
	if failure != "" || len(e.Steps) != 5 || e.Version != "lora-v1" || e.Dataset != published.Dataset || e.Next != 0 {
		t.Fatalf("%s %+v", failure, e)
	}
	for i, s := range e.Steps {
		if s.Sequence != uint64(i+1) || s.Step != 1 || s.Said != `click button "A"` || s.Right != `click button "B"` || s.By != contracts.ByUser ||
			s.Basis != "correction" || s.Rated.IsZero() || s.FeedbackID == "" || s.Variants == 0 || s.HeldOut == 0 {
			t.Errorf("%+v", s)
		}
		// The event is the one that it names.
		m, err := w.bus.JetStream().Stream(t.Context(), contracts.StreamFeedback)
		if err != nil {
			t.Fatal(err)
		}
		event, err := m.GetMsg(t.Context(), s.Sequence)
		if err != nil || event.Subject != contracts.SubjectFeedbackSubmitted(s.TaskID) || !strings.Contains(string(event.Data), s.FeedbackID) {
			t.Errorf("event %d is %+v, %v", s.Sequence, event, err)
		}
	}
	one, failure := w.explain(contracts.ExplainQuery{Version: "lora-v1", Example: e.Steps[2].Example})
	if failure != "" || one.Example == nil || len(one.Steps) != 0 || one.Example.SessionID != "session_t2" ||
		!strings.Contains(one.Example.Prompt, `button "B"`) || len(one.Example.State.Screen.Elements) != 2 {
		t.Errorf("%s %+v", failure, one.Example)
	}
	if rest, failure := w.explain(contracts.ExplainQuery{Version: "lora-v1", After: e.Steps[2].Example}); failure != "" || len(rest.Steps) != 2 {
		t.Errorf("%s %+v", failure, rest)
	}
	for query, want := range map[string]string{
		"":                                     "400 name a version",
		"{":                                    "400 the query cannot be read",
		`{"version":"lora-v1","example":-1}`:   "400",
		`{"version":"lora-v1","example":9999}`: "404 there is no such example: 9999; they are numbered from 1 to",
		"lora-v9":                              "404 there is no such adapter",
		"starter":                              "404 starter was not trained here",
	} {
		if _, failure := w.explain(query); !strings.HasPrefix(failure, want) {
			t.Errorf("%s: %q, want %q", query, failure, want)
		}
	}
}

// known has the registry of the test know an adapter.
func (w *world) known(a contracts.Adapter) {
	w.adapters.Store(a.Version, a)
}

// The dataset that an adapter names is the file that it was trained on, and a job that is
// begun anew with the same events makes the same.
func TestTheSameDatasetAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := &fake{blocked: make(chan struct{})}
	w.run(first)
	w.fail(true)
	<-first.blocked
	cancelled := first.last.Load()
	first.blocked = nil
	if _, err := w.bus.Conn().RequestMsg(nats.NewMsg(contracts.SubjectTrainerCancel), patience); err != nil {
		t.Fatal(err)
	}
	w.untilRecorded(contracts.JobCancelled)
	if err := w.bus.Publish(t.Context(), contracts.SubjectTrainingRequested(), contracts.TrainingRequested{ID: "again"}); err != nil {
		t.Fatal(err)
	}
	published := decode[contracts.AdapterPublished](t, w.until(contracts.StreamAdapters, "adapter.published.*.*"))
	if again := first.last.Load(); again.DatasetSHA256 != cancelled.DatasetSHA256 || again.JobID == cancelled.JobID {
		t.Errorf("%s trained on %s, %s on %s", cancelled.JobID, cancelled.DatasetSHA256, again.JobID, again.DatasetSHA256)
	}
	if published.Dataset.SHA256 != cancelled.DatasetSHA256 {
		t.Errorf("the event names %s, the training had %s", published.Dataset.SHA256, cancelled.DatasetSHA256)
	}
}
