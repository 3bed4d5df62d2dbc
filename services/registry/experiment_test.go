package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

// comparing are options under which a new version is compared first, with ratings that
// count at once.
func comparing(change func(*registry.Options)) registry.Options {
	plan := experiment.AB()
	plan.Settle = 0
	return options(func(o *registry.Options) {
		o.Plan, o.Look = &plan, 10*time.Millisecond
		if change != nil {
			change(o)
		}
	})
}

// work has n tasks resolved, done, and rated with the stars of the version that they got.
func (w *world) work(prefix string, n int, stars map[string]int) (tasks map[string]int) {
	w.t.Helper()
	tasks = map[string]int{}
	for i := range n {
		task := fmt.Sprint(prefix, i)
		resolved, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, `{"task_id": "`+task+`"}`)
		if err != nil || resolved.Adapter == nil {
			w.t.Fatalf("%+v, %v", resolved, err)
		}
		version := resolved.Adapter.Version
		tasks[version]++
		rated := contracts.FeedbackSubmitted{ID: task, TaskID: task, SessionID: task, Rating: stars[version], Outcome: contracts.VerbCompleted}
		if err := w.bus.Publish(w.t.Context(), contracts.SubjectTask(contracts.VerbCompleted, task), contracts.TaskEnded{TaskID: task}); err != nil {
			w.t.Fatal(err)
		}
		if err := w.bus.Publish(w.t.Context(), contracts.SubjectFeedbackSubmitted(task), rated); err != nil {
			w.t.Fatal(err)
		}
	}
	return tasks
}

func (w *world) experiment(id string) contracts.ExperimentStanding {
	w.t.Helper()
	s, err := ask[contracts.ExperimentStanding](w, contracts.SubjectRegistryExperiment, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// compared begins an experiment of lora-v2 against lora-v1.
func (w *world) compared(o registry.Options) {
	w.t.Helper()
	w.run(o)
	w.publish(w.version(1))
	w.states("lora-v1 champion")
	w.publish(w.version(2))
	w.states("lora-v1 champion", "lora-v2 challenger")
}

func TestRatingsDecideAnExperiment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		challenger int // stars
		verb       contracts.AdapterVerb
		states     []string
		outcome    experiment.Outcome
	}{
		"worse":  {1, contracts.AdapterVerbRolledBack, []string{"lora-v1 champion", "lora-v2 rolledback"}, experiment.Rollback},
		"better": {5, contracts.AdapterVerbPromoted, []string{"lora-v1 previous", "lora-v2 champion"}, experiment.Promote},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.compared(comparing(nil))
			begun := w.decided(contracts.AdapterVerbCanaried, 1)
			if begun.Version != "lora-v2" || begun.Champion != "lora-v1" || begun.Experiment == "" || begun.By != "auto" {
				t.Errorf("%+v", begun)
			}
			tasks := w.work("t", 80, map[string]int{"lora-v1": 3, "lora-v2": c.challenger})
			if tasks["lora-v2"] < 3 || tasks["lora-v1"] < 3 {
				t.Errorf("the tasks went to %v", tasks)
			}
			w.states(c.states...)
			n := 1
			if c.verb == contracts.AdapterVerbPromoted {
				n = 2 // the first version was promoted too
			}
			ended := w.decided(c.verb, n)
			if ended.Version != "lora-v2" || ended.Experiment != begun.Experiment || ended.By != "auto" || !strings.Contains(ended.Why, "stars") {
				t.Errorf("%+v", ended)
			}
			s := w.experiment(begun.Experiment)
			if s.Decision.Outcome != string(c.outcome) || s.Experiment.Decision == nil || s.Experiment.Decision.Outcome != string(c.outcome) ||
				len(s.Looks) == 0 || s.Challenger.Version != "lora-v2" || s.Challenger.MeanStars != float64(c.challenger) || s.Champion.MeanStars != 3 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestATaskKeepsItsArm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.compared(comparing(nil))
	for i := range 20 {
		body := fmt.Sprintf(`{"task_id": "t%d"}`, i)
		first, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, body)
		again, err2 := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, body)
		if err := errors.Join(err, err2); err != nil || first.Adapter.Version != again.Adapter.Version {
			t.Fatalf("%+v and %+v, %v", first.Adapter, again.Adapter, err)
		}
		if first.Adapter.Version == "lora-v2" && (len(first.Fallback) == 0 || first.Fallback[0].Version != "lora-v1") {
			t.Errorf("what is used when the challenger cannot be loaded is %+v", first.Fallback)
		}
	}
	// Who names no task, or a version, takes no part.
	for body, want := range map[string]string{"": "lora-v1", "lora-v2": "lora-v2", `{"task_id": "t1", "version": "lora-v1"}`: "lora-v1"} {
		if r, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, body); err != nil || r.Adapter.Version != want {
			t.Errorf("%q: %+v, %v", body, r.Adapter, err)
		}
	}
	// What becomes known of tasks that were not assigned does not count, nor what comes twice.
	rated := contracts.FeedbackSubmitted{ID: "x", TaskID: "t1", SessionID: "s", Rating: 4, Outcome: contracts.VerbCompleted}
	other := rated
	other.TaskID = "elsewhere"
	for _, r := range []contracts.FeedbackSubmitted{other, rated} {
		if err := w.bus.Publish(t.Context(), contracts.SubjectFeedbackSubmitted(r.TaskID), r); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(patience); ; {
		if s := w.experiment(""); s.Champion.Rated+s.Challenger.Rated == 1 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("%+v", s)
		}
	}
}

func TestTimeEndsAnExperiment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.compared(comparing(func(o *registry.Options) { o.Plan.MaxTime = time.Second }))
	w.states("lora-v1 champion", "lora-v2 retired")
	if event := w.decided(contracts.AdapterVerbRetired, 1); event.Version != "lora-v2" || event.Champion != "lora-v1" || event.By != "auto" {
		t.Errorf("%+v", event)
	}
	if r, err := ask[contracts.AdapterResolved](w, contracts.SubjectRegistryResolve, `{"task_id": "t1"}`); err != nil || r.Adapter.Version != "lora-v1" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestANewCandidateTakesThePlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.compared(comparing(nil))
	w.publish(w.version(3))
	w.states("lora-v1 champion", "lora-v2 retired", "lora-v3 challenger")
	list, err := ask[contracts.ExperimentList](w, contracts.SubjectRegistryExperiments, "")
	if err != nil || len(list.Experiments) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	old, fresh := list.Experiments[0], list.Experiments[1]
	if old.Decision == nil || old.Decision.Outcome != string(experiment.Ended) || fresh.Decision != nil || fresh.Challenger != "lora-v3" || fresh.Share != 0.5 {
		t.Errorf("%+v\n%+v", old, fresh)
	}
}

func TestAPersonEndsAnExperiment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject, body string
		states        []string
		outcome       string // empty: it was ended by what else was decided
	}{
		"promotes the challenger":   {contracts.SubjectRegistryPromote, `{"version": "lora-v2", "by": "anna", "why": "w"}`, []string{"starter published", "lora-v1 previous", "lora-v2 champion"}, "promote"},
		"takes the challenger back": {contracts.SubjectRegistryRollback, `{"version": "lora-v2", "by": "anna"}`, []string{"starter previous", "lora-v1 champion", "lora-v2 rolledback"}, "rollback"},
		"takes the champion back":   {contracts.SubjectRegistryRollback, `{"by": "anna"}`, []string{"starter champion", "lora-v1 rolledback", "lora-v2 retired"}, "ended"},
		"promotes another one":      {contracts.SubjectRegistryPromote, `{"version": "starter", "by": "anna"}`, []string{"starter champion", "lora-v1 previous", "lora-v2 retired"}, "ended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			folder := starterFolder(t, "one")
			stop := w.run(options(func(o *registry.Options) { o.Starter = folder }))
			w.publish(w.version(1))
			w.states("starter previous", "lora-v1 champion")
			stop()
			w.run(comparing(nil))
			w.publish(w.version(2))
			w.states("starter previous", "lora-v1 champion", "lora-v2 challenger")
			if _, err := ask[contracts.Aliases](w, c.subject, c.body); err != nil {
				t.Fatal(err)
			}
			w.states(c.states...)
			if s := w.experiment(""); s.Decision.Outcome != c.outcome || s.Decision.By != "anna" || s.Decision.Why == "" {
				t.Errorf("%+v", s.Decision)
			}
		})
	}
}

// The registry ends between each two writes of an experiment's begin and end: the next
// one finishes them, and each event is stored once.
func TestEndsInTheMiddleOfAnExperiment(t *testing.T) {
	t.Parallel()
	for _, moment := range []registry.Moment{registry.AfterRecord, registry.AfterAliases, registry.AfterEvent} {
		t.Run(string(moment), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			stop := w.run(comparing(nil))
			w.publish(w.version(1))
			w.states("lora-v1 champion")
			stop()
			// Until it is armed, it may finish what was begun before.
			fails := func() (armed *atomic.Bool, hit chan struct{}, o registry.Options) {
				armed, hit = &atomic.Bool{}, make(chan struct{}, 1)
				return armed, hit, comparing(func(o *registry.Options) {
					o.Hook = func(m registry.Moment, _ string) error {
						if m != moment || !armed.Load() {
							return nil
						}
						select {
						case hit <- struct{}{}:
						default:
						}
						return errors.New("the power is gone")
					}
				})
			}
			armed, hit, o := fails()
			stop = w.run(o)
			armed.Store(true)
			w.publish(w.version(2))
			<-hit
			stop()
			stop = w.run(comparing(nil))
			w.states("lora-v1 champion", "lora-v2 challenger")
			begun := w.decided(contracts.AdapterVerbCanaried, 1)
			stop()
			if moment != registry.AfterRecord { // which no decision of an experiment passes
				armed, hit, o = fails()
				stop = w.run(o)
				armed.Store(true)
				w.work("t", 60, map[string]int{"lora-v1": 5, "lora-v2": 1})
				<-hit
				stop()
			}
			w.run(comparing(nil))
			if moment == registry.AfterRecord {
				w.work("t", 60, map[string]int{"lora-v1": 5, "lora-v2": 1})
			}
			w.states("lora-v1 champion", "lora-v2 rolledback")
			if ended := w.decided(contracts.AdapterVerbRolledBack, 1); ended.Experiment != begun.Experiment {
				t.Errorf("%+v", ended)
			}
			if s := w.experiment(begun.Experiment); s.Experiment.Decision == nil || s.Experiment.Decision.Outcome != "rollback" {
				t.Errorf("%+v", s.Experiment)
			}
			stream, err := w.bus.JetStream().Stream(t.Context(), contracts.StreamAdapters)
			if err != nil {
				t.Fatal(err)
			}
			info, err := stream.Info(t.Context())
			if err != nil || info.State.Msgs != 5 { // two published, promoted, canaried, rolledback
				t.Errorf("%d events are stored, want 5; %v", info.State.Msgs, err)
			}
		})
	}
}

func TestExperimentRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(comparing(nil))
	for _, c := range []struct{ subject, body, want string }{
		{contracts.SubjectRegistryExperiment, "", "404"},
		{contracts.SubjectRegistryExperiment, "lora-v2-x", "404 there is no such experiment: lora-v2-x"},
		{contracts.SubjectRegistryExperiment, "a.b", "400"},
		{contracts.SubjectRegistryExperiments, "{", "400"},
	} {
		if _, err := ask[json.RawMessage](w, c.subject, c.body); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %s", c.subject, c.body, err, c.want)
		}
	}
	bad := comparing(func(o *registry.Options) { o.Plan.Share = 0 })
	if _, err := registry.New(bad); err == nil || !strings.Contains(err.Error(), "share") {
		t.Errorf("a plan without a share: %v", err)
	}
}
