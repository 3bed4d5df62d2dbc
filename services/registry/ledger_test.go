package registry_test

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// session stores the events of a task that a version planned; stars are 0 for none.
func (w *world) session(task, version string, verb contracts.Verb, stars int) {
	w.t.Helper()
	w.store(contracts.SubjectTask(contracts.VerbStarted, task), contracts.TaskStarted{TaskID: task, SessionID: task, Planner: "local", Adapter: version})
	w.store(contracts.SubjectTask(verb, task), contracts.TaskEnded{TaskID: task})
	if stars > 0 {
		w.rate(task, version, verb, stars)
	}
}

func (w *world) rate(task, version string, verb contracts.Verb, stars int) {
	w.t.Helper()
	w.store(contracts.SubjectFeedbackSubmitted(task), contracts.FeedbackSubmitted{
		ID: fmt.Sprint(task, stars), TaskID: task, SessionID: task, Rating: stars, Outcome: verb, Adapter: version,
	})
}

func (w *world) store(subject string, event any) {
	w.t.Helper()
	if err := w.bus.Publish(w.t.Context(), subject, event); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) figures() contracts.Figures {
	w.t.Helper()
	f, err := ask[contracts.Figures](w, contracts.SubjectRegistryFigures, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// purge removes a task's events, as the deletion of its session does, and time.
func (w *world) purge(task string) {
	w.t.Helper()
	stream, err := w.bus.JetStream().Stream(w.t.Context(), contracts.StreamTasks)
	if err == nil {
		err = stream.Purge(w.t.Context(), jetstream.WithPurgeSubject(contracts.SubjectTaskAll(task)))
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.run(options(nil))
	w.publish(w.version(1))
	w.states("lora-v1 champion")
	second := w.version(2)
	second.Parent = "lora-v1"
	w.publish(second)
	w.states("lora-v1 previous", "lora-v2 champion")
	for i := range 8 {
		w.session(fmt.Sprint("a", i), "lora-v1", contracts.VerbFailed, 2)
		w.session(fmt.Sprint("b", i), "lora-v2", contracts.VerbCompleted, 4)
	}
	w.session("unrated", "lora-v2", contracts.VerbFailed, 0)
	w.session("ended-by-hand", "lora-v2", contracts.VerbCancelled, 0)
	w.session("base", "none", contracts.VerbCompleted, 5)
	check := func(what string, sessions, rated, judged int, stars float64) {
		t.Helper()
		f := w.figures()
		if len(f.Versions) != 3 || f.Versions[0].Version != "lora-v1" || f.Versions[2].Version != "none" {
			t.Fatalf("%s: %+v", what, f.Versions)
		}
		v1, v2 := f.Versions[0], f.Versions[1]
		if v1.Sessions != 8 || v1.Stars.Value != 2 || v1.Success.N != 8 || v1.Success.Value != 0 || v1.Parent != "none" || v1.StarsGain.Value != -3 {
			t.Errorf("%s: %+v", what, v1)
		}
		if v2.Sessions != sessions || v2.Stars.N != rated || v2.Success.N != judged || v2.Stars.Value != stars ||
			v2.Parent != "lora-v1" || v2.StarsGain.Value != stars-2 || v2.StarsGain.Low < 0.3 || v2.SuccessGain.Low < 0.3 {
			t.Errorf("%s: %+v", what, v2)
		}
		last := f.Weeks[len(f.Weeks)-1]
		if last.Stars.N != rated+9 || len(f.Weeks[0].Champions) != 2 || f.Weeks[0].Champions[1].Version != "lora-v2" {
			t.Errorf("%s: %+v", what, f.Weeks)
		}
	}
	check("all", 10, 8, 9, 4)
	// What is new is read the next time: a rating that changes counts once.
	w.rate("b0", "lora-v2", contracts.VerbCompleted, 5)
	w.rate("unrated", "lora-v2", contracts.VerbFailed, 4)
	check("changed", 10, 9, 9, 37./9)
	// The rating is what is left of a session whose events are too old, the tombstone of one that was deleted.
	w.purge("b1")
	w.purge("b2")
	w.purge("ended-by-hand")
	for _, task := range []string{"b2", "ended-by-hand"} {
		w.store(contracts.SubjectFeedbackDeleted(task), contracts.FeedbackDeleted{TaskID: task, SessionID: task})
	}
	check("deleted", 8, 8, 8, 33./8)
	stop()
	w.run(options(nil))
	check("after a restart", 8, 8, 8, 33./8)
}

func TestFiguresTellWhenTheChampionChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.compared(comparing(nil))
	for _, c := range []struct{ subject, body string }{
		{contracts.SubjectRegistryRollback, "lora-v2"}, // the challenger: nothing changes for the champion
		{contracts.SubjectRegistryPromote, "lora-v2"},
		{contracts.SubjectRegistryRollback, ""},
	} {
		if _, err := ask[contracts.Aliases](w, c.subject, c.body); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, week := range w.figures().Weeks {
		for _, c := range week.Champions {
			got = append(got, string(c.Verb)+" "+c.Version)
		}
	}
	if want := "[promoted lora-v1 promoted lora-v2 rolledback lora-v1]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}
