package feedback_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/feedback"
)

// waits has a task wait for an answer about its third step.
func (w *world) waits(id string, expires time.Time) contracts.TaskApproval {
	w.t.Helper()
	frame := w.frame(id + " waits")
	asked := contracts.TaskApproval{
		TaskID: id, Step: 3, State: contracts.ApprovalRequested, Action: `click button "Send"`, Class: "send", Expires: expires, Frame: &frame,
	}
	w.publish(contracts.VerbApproval, id, asked)
	return asked
}

func (w *world) waiting(s *feedback.Service) []string {
	w.t.Helper()
	list, err := s.Waiting(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, one := range list {
		ids = append(ids, one.TaskID)
	}
	return ids
}

// approvals returns the events about a task's approvals.
func (w *world) approvals(id string, n int) []contracts.TaskApproval {
	w.t.Helper()
	var list []contracts.TaskApproval
	err := w.bus.Watch(w.t.Context(), contracts.StreamTasks, []string{contracts.SubjectTask(contracts.VerbApproval, id)}, bus.FromStart(), func(m bus.Message) error {
		a, err := bus.Decode[contracts.TaskApproval](m)
		if err != nil {
			return err
		}
		if list = append(list, a); len(list) == n {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// An answer is the event that the command line sends, too; it is taken once, and
// only for what waits.
func TestAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, _ := w.run()
	soon := time.Now().Add(time.Hour)
	for _, id := range []string{"a", "b", "late", "over"} {
		w.session(id, "")
	}
	asked := w.waits("a", soon)
	w.waits("b", soon)
	w.waits("late", time.Now().Add(-time.Second))
	w.waits("over", soon)
	w.publish(contracts.VerbCancelled, "over", contracts.TaskEnded{TaskID: "over", Time: w.at})
	if got := w.waiting(s); len(got) != 2 || got[0] != "b" || got[1] != "a" {
		t.Fatalf("waiting: %q", got)
	}
	if picture, err := s.Screenshot(t.Context(), "a", 3); err != nil || !hasPicture(picture, "a waits") {
		t.Errorf("the picture is %q, %v", picture.PNG, err)
	}
	for name, no := range map[string]struct {
		answer feedback.Answer
		want   error
	}{
		"another step":   {feedback.Answer{ID: "a", Step: 2, Allow: true}, feedback.ErrConflict},
		"another action": {feedback.Answer{ID: "a", Step: 3, Action: "done", Allow: true}, feedback.ErrConflict},
		"too late":       {feedback.Answer{ID: "late", Step: 3, Allow: true}, feedback.ErrConflict},
		"over":           {feedback.Answer{ID: "over", Step: 3, Allow: true}, feedback.ErrConflict},
		"nobody":         {feedback.Answer{ID: "none", Step: 3, Allow: true}, feedback.ErrNotFound},
		"no text":        {feedback.Answer{ID: "a", Step: 3, Reason: "\xff"}, feedback.ErrInvalid},
	} {
		if _, err := s.Answer(t.Context(), no.answer); !errors.Is(err, no.want) {
			t.Errorf("%s: %v, want %v", name, err, no.want)
		}
	}
	got, err := s.Answer(t.Context(), feedback.Answer{ID: "session_a", Step: 3, Action: asked.Action, Allow: true, Reason: " go on ", By: contracts.ByPage})
	if err != nil || got.State != contracts.ApprovalGranted {
		t.Fatalf("%+v, %v", got, err)
	}
	stored := w.approvals("a", 2)[1]
	if stored.State != contracts.ApprovalGranted || stored.Step != 3 || stored.Action != asked.Action || stored.Reason != "go on" || stored.By != contracts.ByPage {
		t.Errorf("the event is %+v", stored)
	}
	if _, err := s.Answer(t.Context(), feedback.Answer{ID: "a", Step: 3}); !errors.Is(err, feedback.ErrConflict) {
		t.Errorf("an answer to what was answered: %v", err)
	}
	if _, err := s.Answer(t.Context(), feedback.Answer{ID: "b", Step: 3, By: contracts.ByHTTP}); err != nil {
		t.Fatal(err)
	}
	if stored := w.approvals("b", 2)[1]; stored.State != contracts.ApprovalDenied || stored.By != contracts.ByHTTP {
		t.Errorf("the event is %+v", stored)
	}
	if got := w.waiting(s); len(got) != 0 {
		t.Errorf("waiting: %q", got)
	}
}

// After a crash a step may be asked about again: then it waits again, and is
// answered again.
func TestAnswerTwiceAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, _ := w.run()
	w.session("a", "")
	for n := range 2 {
		w.waits("a", time.Now().Add(time.Hour+time.Duration(n)*time.Second))
		if _, err := s.Answer(t.Context(), feedback.Answer{ID: "a", Step: 3, Allow: true}); err != nil {
			t.Fatal(err)
		}
	}
	if list := w.approvals("a", 4); list[3].State != contracts.ApprovalGranted {
		t.Errorf("the events are %+v", list)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, _ := w.run()
	if _, err := s.Stop(t.Context(), "x"); !errors.Is(err, feedback.ErrUnavailable) {
		t.Errorf("a stop that nobody hears: %v", err)
	}
	subscription, err := w.bus.Conn().Subscribe(contracts.SubjectControlStop(), func(m *nats.Msg) {
		var stop contracts.ControlStop
		err := json.Unmarshal(m.Data, &stop)
		if err != nil || stop.Reason != "enough" {
			t.Errorf("the stop is %s", m.Data)
		}
		if err := m.Respond([]byte(`{"desktop":"main","task_id":"t"}`)); err != nil {
			t.Error(err)
		}
	})
	if err == nil {
		err = w.bus.Conn().Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = subscription.Unsubscribe() })
	acks, err := s.Stop(t.Context(), "enough")
	if err != nil || len(acks) != 1 || acks[0].TaskID != "t" {
		t.Errorf("%+v, %v", acks, err)
	}
}
