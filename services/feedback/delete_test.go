package feedback_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/feedback"
)

func TestDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("a", contracts.VerbCompleted)
	w.session("b", contracts.VerbCompleted)
	// c shows a picture that a shows too.
	shared := w.frame("a0")
	w.publish(contracts.VerbAccepted, "c", contracts.TaskAccepted{TaskID: "c", SessionID: "session_c", Time: w.at})
	w.publish(contracts.VerbFailed, "c", contracts.TaskEnded{TaskID: "c", Frame: &shared, Time: w.at})
	s, stop := w.run()
	for _, id := range []string{"a", "b"} {
		if _, err := s.Rate(t.Context(), contracts.Feedback{TaskID: id, Rating: 1, Comment: "private"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Delete(t.Context(), "session_a"); !errors.Is(err, feedback.ErrUnavailable) {
		t.Errorf("without a registry: %v", err)
	}
	subscription, err := w.bus.Conn().Subscribe(contracts.SubjectRegistryList, func(m *nats.Msg) {
		var q contracts.AdapterQuery
		_ = json.Unmarshal(m.Data, &q)
		list := contracts.AdapterList{Adapters: []contracts.Adapter{
			{AdapterPublished: contracts.AdapterPublished{Version: "lora-v1", Tasks: []string{"a", "b"}}},
			{AdapterPublished: contracts.AdapterPublished{Version: "lora-v2", Tasks: []string{"b"}}},
		}}
		if q.Role == contracts.RoleAction {
			list.Adapters = nil
		}
		body, _ := json.Marshal(list)
		_ = m.Respond(body)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = subscription.Unsubscribe() }()
	gone, err := s.Delete(t.Context(), "session_a")
	if err != nil || !slices.Equal(gone.Adapters, []string{"lora-v1", "recovery:lora-v1"}) || gone.Objects == 0 || gone.TaskID != "a" {
		t.Errorf("%+v, %v", gone, err)
	}
	check := func(s *feedback.Service) {
		t.Helper()
		if _, err := s.Session(t.Context(), "a"); !errors.Is(err, feedback.ErrNotFound) {
			t.Errorf("it is still there: %v", err)
		}
		if _, err := s.Session(t.Context(), "b"); err != nil {
			t.Error(err)
		}
		if left := w.keys("bundles/a/"); len(left) > 0 {
			t.Errorf("left in S3: %v", left)
		}
		if _, err := w.blobs.Get(t.Context(), shared.Image); err != nil {
			t.Errorf("a picture that another session shows: %v", err)
		}
		stream, err := w.bus.JetStream().Stream(t.Context(), contracts.StreamTasks)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.GetLastMsgForSubject(t.Context(), contracts.SubjectTask(contracts.VerbAccepted, "a")); err == nil {
			t.Error("the task's events are still there")
		}
	}
	check(s)
	stop()
	if err := os.Remove(w.db); err != nil {
		t.Fatal(err)
	}
	s, _ = w.run()
	check(s)
	if err := s.Live(t.Context()); err != nil { // what was removed is not waited for
		t.Error(err)
	}
	var tombstones []contracts.FeedbackDeleted
	last := must(w.bus.LastSequence(t.Context(), contracts.StreamFeedback))
	err = w.bus.Watch(t.Context(), contracts.StreamFeedback, []string{contracts.SubjectFeedbackDeleted("*")}, bus.FromStart(), func(m bus.Message) error {
		tombstones = append(tombstones, must(bus.Decode[contracts.FeedbackDeleted](m)))
		if m.Sequence == last {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil || len(tombstones) != 1 || tombstones[0].TaskID != "a" || !slices.Equal(tombstones[0].Adapters, []string{"lora-v1", "recovery:lora-v1"}) {
		t.Errorf("%+v, %v", tombstones, err)
	}
}

func TestDeleteRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.session("running", "")
	s, _ := w.run()
	if _, err := s.Delete(t.Context(), "running"); !errors.Is(err, feedback.ErrConflict) {
		t.Errorf("one that runs: %v", err)
	}
	if _, err := s.Delete(t.Context(), "none"); !errors.Is(err, feedback.ErrNotFound) {
		t.Errorf("an unknown one: %v", err)
	}
}
