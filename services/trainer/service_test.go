package trainer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer"
)

// fake is a runner that trains nothing: it writes a small adapter.
type fake struct {
	runs    atomic.Int64
	err     func(run int64) error
	blocked chan struct{} // closed when Run waits for its context; nil does not wait
	last    atomic.Pointer[trainer.Assignment]
	orders  chan bool // gets the orders to rest and to go on, which are awaited; nil does not wait
}

func (f *fake) Run(
	ctx context.Context, a trainer.Assignment, tell func(trainer.Update), rest <-chan bool,
) (trainer.Trained, error) {
	run := f.runs.Add(1)
	f.last.Store(&a)
	tell(trainer.Planned{Parameters: 7, Steps: 6, Tokens: 100, Seconds: 1})
	p := trainer.Progressed{}
	p.JobID, p.Version, p.Step, p.Steps, p.Loss, p.TokensPerSecond = a.JobID, a.Version, 1, 6, 0.5, 99
	tell(p)
	if f.orders != nil {
		for resting := range 2 {
			select {
			case order := <-rest:
				f.orders <- order
				if order != (resting == 0) {
					return trainer.Trained{}, errors.New("another order was awaited")
				}
			case <-ctx.Done():
				return trainer.Trained{}, ctx.Err()
			}
		}
	}
	if f.blocked != nil {
		close(f.blocked)
		<-ctx.Done()
		return trainer.Trained{}, ctx.Err()
	}
	if f.err != nil {
		if err := f.err(run); err != nil {
			return trainer.Trained{}, err
		}
	}
	folder := filepath.Join(a.Folder, trainer.AdapterFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return trainer.Trained{}, err
	}
	if err := os.WriteFile(filepath.Join(folder, "adapter_model.safetensors"), []byte(a.Version), 0o600); err != nil {
		return trainer.Trained{}, err
	}
	return trainer.Trained{SHA256: strings.Repeat("0a", 32), BaseSHA256: strings.Repeat("0b", 32), Steps: 6, Loss: 0.1}, nil
}

func TestFiveFailuresBeginOneTraining(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(&fake{})
	for i := range 4 {
		w.rate(fmt.Sprint("t", i), 1, true)
	}
	if s := w.status(); s.Due {
		t.Errorf("due after four: %+v", s)
	}
	w.rate("t4", 1, true)
	w.untilRecorded(contracts.JobCompleted)
	w.rate("t5", 1, true)
	s := w.status()
	for s.Rated == 0 { // the sixth rating is on its way
		s = w.status()
	}
	if s.Due || s.Rated != 1 || s.Failures != 1 || s.Job == nil || s.Job.Version != "lora-v1" {
		t.Errorf("after the training: %+v", s)
	}
	if n := count(w.events(contracts.StreamTraining), "training.completed."); n != 1 {
		t.Errorf("%d trainings", n)
	}
	published := decode[contracts.AdapterPublished](t, w.until(contracts.StreamAdapters, "adapter.published.*.*"))
	if len(published.Sessions) != 5 || len(published.Tasks) != 5 || published.Dataset.Size == 0 {
		t.Errorf("%+v", published)
	}
	if _, err := w.blobs.Get(t.Context(), published.Dataset); err != nil {
		t.Error(err)
	}
	started := decode[contracts.TrainingStarted](t, w.until(contracts.StreamTraining, "training.started.*"))
	if started.Parameters != 7 || started.Lessons == 0 || started.Trigger != contracts.TriggerQuality {
		t.Errorf("%+v", started)
	}
}

func TestNothingTeaches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := &fake{}
	w.run(f)
	w.fail(false)
	s := w.status()
	for s.Failures < 5 {
		s = w.status()
	}
	if s.Due || !strings.Contains(s.Why, "session_t0") || len(s.Uncorrected) != 5 {
		t.Errorf("%+v", s)
	}
	if err := w.bus.Publish(t.Context(), contracts.SubjectTrainingRequested(), contracts.TrainingRequested{ID: "mine"}); err != nil {
		t.Fatal(err)
	}
	failed := w.untilFailed()
	if failed.JobID != contracts.RequestedJob("mine") || !strings.Contains(failed.Reason, "nothing teaches") || f.runs.Load() != 0 {
		t.Errorf("%+v", failed)
	}
	w.rate("t0", 1, true) // corrected after all
	w.untilRecorded(contracts.JobCompleted)
}

func (w *world) untilFailed() contracts.TrainingEnded {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	var failed contracts.TrainingEnded
	err := w.bus.Watch(ctx, contracts.StreamTraining, []string{"training.failed.*"}, bus.FromStart(), func(m bus.Message) error {
		var err error
		if failed, err = bus.Decode[contracts.TrainingEnded](m); err != nil {
			return err
		}
		return bus.ErrStop
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return failed
}

func TestAskedFor(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]any{
		"JSON":    contracts.TrainingRequested{ID: "mine", Reason: "I want it"},
		"nothing": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.rate("good", 5, false)
			w.run(&fake{})
			var err error
			if body == nil { // as nats pub does
				_, err = w.bus.JetStream().Publish(t.Context(), contracts.SubjectTrainingRequested(), nil)
			} else {
				err = w.bus.Publish(t.Context(), contracts.SubjectTrainingRequested(), body)
			}
			if err != nil {
				t.Fatal(err)
			}
			job := w.untilRecorded(contracts.JobCompleted)
			if job.Trigger != contracts.TriggerManual {
				t.Errorf("%+v", job)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := &fake{blocked: make(chan struct{})}
	w.run(f)
	w.fail(true)
	<-f.blocked
	s := w.status()
	if s.Due || s.Job == nil || s.Job.Phase != contracts.JobTraining || s.Progress == nil || s.Progress.TokensPerSecond != 99 {
		t.Errorf("while it trains: %+v", s)
	}
	if _, err := w.bus.Conn().Request(contracts.SubjectTrainerCancel, nil, patience); err != nil {
		t.Fatal(err)
	}
	w.untilRecorded(contracts.JobCancelled)
	w.until(contracts.StreamTraining, "training.cancelled.*")
	if s := w.status(); s.Due {
		t.Errorf("it begins anew at once: %+v", s)
	}
	if _, err := os.Stat(filepath.Join(w.data, "trainer")); err != nil {
		t.Error(err)
	}
	if versions := w.events(contracts.StreamAdapters); len(versions) != 0 {
		t.Errorf("a version came of it: %v", versions)
	}
}

// Nothing is left in S3 of a version that is cancelled while its files are stored.
func TestCancelledWhileItUploads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Hook = func(m trainer.Moment, _ string) {
		if m == trainer.AfterFile {
			w.cancel()
		}
	}
	w.run(&fake{})
	w.fail(true)
	w.untilRecorded(contracts.JobCancelled)
	if left, err := w.blobs.List(t.Context(), "adapters/"); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A version whose event is stored is published, although the trainer did not learn of it
// before it was told to cancel.
func TestCancelledTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Hook = func(m trainer.Moment, job string) {
		if m != trainer.AfterUpload {
			return
		}
		event := contracts.AdapterPublished{Role: contracts.RolePlanner, Version: "lora-v1", JobID: job}
		if err := w.bus.Publish(t.Context(), "adapter.published.planner.lora-v1", event); err != nil {
			t.Error(err)
		}
		w.cancel()
	}
	w.run(&fake{})
	w.fail(true)
	w.untilRecorded(contracts.JobCompleted)
	if ended := decode[contracts.TrainingEnded](t, w.until(contracts.StreamTraining, "training.completed.*")); ended.Version != "lora-v1" || ended.Reason != "" {
		t.Errorf("%+v", ended)
	}
	if n := count(w.events(contracts.StreamTraining), "training.cancelled."); n != 0 {
		t.Error("it is told to be cancelled, too")
	}
	if left, err := w.blobs.List(t.Context(), "adapters/lora-v1/"); err != nil || len(left) == 0 {
		t.Errorf("its files: %v, %v", left, err)
	}
}

func (w *world) cancel() {
	if _, err := w.bus.Conn().Request(contracts.SubjectTrainerCancel, nil, patience); err != nil {
		w.t.Error(err)
	}
}

func TestAProcessThatFailsIsTriedThreeTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := &fake{err: func(int64) error { return errors.New("out of memory") }}
	w.run(f)
	w.fail(true)
	w.untilRecorded(contracts.JobFailed)
	if failed := w.untilFailed(); !strings.Contains(failed.Reason, "3 times") || !strings.Contains(failed.Reason, "out of memory") || f.runs.Load() != 3 {
		t.Errorf("%d runs: %+v", f.runs.Load(), failed)
	}
	s := w.status()
	for _, want := range []string{"the last training, of lora-v1, failed at ", ": the training failed 3 times, lastly: out of memory; its ratings are kept", "`grokputer train now`"} {
		if !strings.Contains(s.Failed, want) {
			t.Errorf("%q is not in %q", want, s.Failed)
		}
	}
	f.err = nil
	if err := w.bus.Publish(t.Context(), contracts.SubjectTrainingRequested(), contracts.TrainingRequested{ID: "again"}); err != nil {
		t.Fatal(err)
	}
	if job := w.untilRecorded(contracts.JobCompleted); job.Trigger != contracts.TriggerManual {
		t.Errorf("%+v", job)
	}
	for s = w.status(); s.Job.Phase != contracts.JobCompleted; s = w.status() {
		continue
	}
	if s.Failed != "" {
		t.Errorf("after one that did not: %s", s.Failed)
	}
}

func TestUntrainableFailsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := &fake{err: func(int64) error { return fmt.Errorf("%w: another base", trainer.ErrUntrainable) }}
	w.run(f)
	w.fail(true)
	w.untilRecorded(contracts.JobFailed)
	if f.runs.Load() != 1 {
		t.Errorf("%d runs", f.runs.Load())
	}
	// The number of a version that never came is used again.
	f.err = nil
	w.rate("again", 5, false)
	if err := w.bus.Publish(t.Context(), contracts.SubjectTrainingRequested(), contracts.TrainingRequested{}); err != nil {
		t.Fatal(err)
	}
	if job := w.untilRecorded(contracts.JobCompleted); job.Version != "lora-v1" {
		t.Errorf("%+v", job)
	}
}

// A correction of a click that went beside its element teaches the planner nothing, and the
// job says so.
func TestNotThePlansFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.beside = true
	w.fail(true)
	f := &fake{}
	w.run(f)
	if failed := w.untilFailed(); !strings.Contains(failed.Reason, "5 wrong steps put down to other parts than the plan") || f.runs.Load() != 0 {
		t.Errorf("%+v", failed)
	}
	s := w.status()
	for s.Unread > 0 {
		s = w.status()
	}
	pointer := 0
	for _, week := range s.Weeks {
		pointer += week.Pointer
	}
	if pointer != 5 {
		t.Errorf("%+v", s.Weeks)
	}
}

// The status says whose fault the wrong steps were.
func TestFaultsAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rate("before", 1, true) // before the trainer was there
	w.run(&fake{})
	w.rate("after", 5, false)
	s := w.status()
	for s.Unread > 0 || s.Rated < 2 {
		s = w.status()
	}
	sessions, plan := 0, 0
	for _, week := range s.Weeks { // two, if this runs at midnight on a Sunday
		sessions, plan = sessions+week.Sessions, plan+week.Plan
	}
	if sessions != 2 || plan != 1 {
		t.Errorf("%+v", s.Weeks)
	}
}

// While S3 is away a job waits, and then goes on.
func TestStoreAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	away := make(chan struct{})
	w.run(&fake{err: func(int64) error {
		defer close(away)
		return w.s3.Shutdown()
	}})
	w.fail(true)
	<-away
	w.untilRecorded(contracts.JobUpload)
	w.restartS3()
	w.untilRecorded(contracts.JobCompleted)
	published := decode[contracts.AdapterPublished](t, w.until(contracts.StreamAdapters, "adapter.published.*.*"))
	if _, err := w.blobs.Get(t.Context(), published.Files[0].Blob); err != nil {
		t.Error(err)
	}
}

func TestADeletedSessionTeachesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail(true)
	if err := w.bus.Publish(t.Context(), contracts.SubjectFeedbackDeleted("t0"),
		contracts.FeedbackDeleted{TaskID: "t0", SessionID: "session_t0", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	w.run(&fake{})
	if s := w.status(); s.Due || s.Failures != 4 || s.Lessons != 4 {
		t.Errorf("%+v", s)
	}
}

func TestNoModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Model = filepath.Join(t.TempDir(), "none.gguf")
	w.fail(true)
	w.run(&fake{})
	if s := w.status(); s.Due || !strings.Contains(s.Why, "grokputer models pull") {
		t.Errorf("%+v", s)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	c := trainer.DefaultConfig()
	if _, err := trainer.New(c, nil); err == nil {
		t.Error("it takes no runner")
	}
	for name, change := range map[string]func(*trainer.Config){
		"learning-rate": func(c *trainer.Config) { c.Recipe.LearningRate = 0 },
		"rank":          func(c *trainer.Config) { c.Recipe.Rank = 0 },
		"after-ratings": func(c *trainer.Config) { c.Rules.Volume = 0 },
		"max-steps":     func(c *trainer.Config) { c.Recipe.MaxSteps = 5 },
		"watts":         func(c *trainer.Config) { c.Power.Watts = -1 },
	} {
		c := trainer.DefaultConfig()
		change(&c)
		if _, err := trainer.New(c, &fake{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
