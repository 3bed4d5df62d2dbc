package trainer_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/internal/timing"
)

// desk is one that somebody uses or not.
type desk struct{ used atomic.Bool }

func (d *desk) Idle(context.Context) (time.Duration, error) {
	if d.used.Load() {
		return 0, nil
	}
	return time.Hour, nil
}

// untilHeld waits until a due training waits for that reason.
func (w *world) untilHeld(why string) contracts.TrainingStatus {
	w.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if s := w.status(); strings.Contains(s.Held, why) {
			return s
		}
	}
	w.t.Fatalf("no training waits because %s: %+v", why, w.status())
	return contracts.TrainingStatus{}
}

func TestWaitsForTheDesktop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := &desk{}
	d.used.Store(true)
	w.config.Desk, w.config.When.Idle = d, time.Minute
	w.run(&fake{})
	w.fail(true)
	if s := w.untilHeld("the desktop is in use"); s.Due || s.Until.IsZero() || s.Trigger != contracts.TriggerQuality {
		t.Errorf("the status is %+v", s)
	}
	d.used.Store(false)
	w.untilRecorded(contracts.JobCompleted)
}

// A training that runs rests while the desktop is in use, and goes on after.
func TestRestsForTheDesktop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := &desk{}
	w.config.Desk, w.config.When.Idle = d, time.Minute
	r := &fake{orders: make(chan bool, 2)}
	w.run(r)
	w.fail(true)
	w.untilRecorded(contracts.JobTraining)
	d.used.Store(true)
	if rest := <-r.orders; !rest {
		t.Error("the first order is to go on")
	}
	if s := w.untilHeld("the desktop is in use"); s.Due || s.Progress == nil || s.Progress.Rests == "" {
		t.Errorf("the status is %+v", s)
	}
	d.used.Store(false)
	w.untilRecorded(contracts.JobCompleted)
	if s := w.status(); s.Held != "" {
		t.Errorf("after its end it rests: %s", s.Held)
	}
}

// What a person asks for begins at once, whatever the hour, and does not rest.
func TestAPersonNeedNotWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var err error
	if w.config.When.Quiet, err = timing.ParseHours("00:00-24:00"); err != nil {
		t.Fatal(err)
	}
	r := &fake{}
	w.run(r)
	w.fail(true)
	w.untilHeld("the quiet hours last until")
	if err := w.bus.Publish(t.Context(), contracts.SubjectTrainingRequested(), contracts.TrainingRequested{ID: "now"}); err != nil {
		t.Fatal(err)
	}
	if job := w.untilRecorded(contracts.JobCompleted); job.Trigger != contracts.TriggerManual || r.runs.Load() != 1 {
		t.Errorf("%+v after %d trainings", job, r.runs.Load())
	}
}

func TestCoolsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.When.CoolDown = time.Hour
	w.run(&fake{})
	w.fail(true)
	w.untilRecorded(contracts.JobCompleted)
	for i := range 5 {
		w.rate(fmt.Sprint("u", i), 1, true)
	}
	s := w.untilHeld("the next one begins at")
	if wait := time.Until(s.Until); wait < 58*time.Minute || wait > time.Hour {
		t.Errorf("it waits for %s", wait)
	}
}

func TestTrainsOnSchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var err error
	if w.config.When.Schedule, err = timing.ParseSchedule("@every 1s"); err != nil {
		t.Fatal(err)
	}
	w.config.When.MinNew = 2
	w.run(&fake{})
	w.rate("a", 1, true)
	if s := w.status(); s.Due {
		t.Errorf("one new step is enough: %+v", s)
	}
	w.rate("b", 1, true)
	if job := w.untilRecorded(contracts.JobCompleted); job.Trigger != contracts.TriggerSchedule {
		t.Errorf("the trigger is %q: %s", job.Trigger, job.Why)
	}
}

// After so many trainings in a row of which none was promoted the trainer waits for more
// to learn from, and says so.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.When.GiveUp = 2
	for version, state := range map[string]contracts.AdapterState{
		"lora-v1": contracts.AdapterRemoved, "lora-v2": contracts.AdapterRejected, "lora-v3": contracts.AdapterChampion,
	} {
		a := contracts.Adapter{State: state, Why: "it is worse"}
		if state == contracts.AdapterRemoved { // it was rejected, and nothing used it since
			a.Before = contracts.AdapterRejected
		}
		a.Version = version
		w.adapters.Store(version, a)
	}
	r := &fake{}
	w.run(r)
	round := func(name string, n int) {
		for i := range n {
			w.rate(fmt.Sprint(name, i), 1, true)
		}
	}
	round("a", 5)
	w.untilVersion("lora-v1")
	round("b", 5)
	w.untilVersion("lora-v2")
	round("c", 5)
	s := w.untilHeld("brought no version that was promoted (lora-v2, lora-v1)")
	if !strings.Contains(s.Held, "5 are by now") || r.runs.Load() != 2 {
		t.Errorf("after %d trainings: %s", r.runs.Load(), s.Held)
	}
	round("d", 5) // ten are enough for another try
	w.untilVersion("lora-v3")
	round("e", 5)
	w.untilVersion("lora-v4")
}

// untilVersion waits until a job that made this version has ended.
func (w *world) untilVersion(version string) {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		s := w.status()
		if s.Job != nil && s.Job.Version == version && s.Job.Phase == contracts.JobCompleted {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s is not made: %+v", version, s)
		}
	}
}

func TestWhenIsValidated(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*trainer.When){
		"share":      func(w *trainer.When) { w.Share = 1.5 },
		"cool-down":  func(w *trainer.When) { w.CoolDown = -time.Second },
		"idle":       func(w *trainer.When) { w.Idle = -time.Second },
		"min-new":    func(w *trainer.When) { w.MinNew = -1 },
		"give-up":    func(w *trainer.When) { w.GiveUp = -1 },
		"look-every": func(w *trainer.When) { w.LookEvery = 0 },
	} {
		c := trainer.DefaultConfig()
		change(&c.When)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a bad %s gives %v", name, err)
		}
	}
}
