package registry_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/registry"
)

// poisoned is a user whose ratings are not to be trusted, at an agent whose versions are as good as
// the test says.
type poisoned struct {
	*world

	// fails are the tasks of a hundred that a version does not do.
	fails map[string]int
	// rates are the stars for a session, from the version and whether it was done.
	rates func(r *rand.Rand, version string, done bool) int
	// again is how often each session is rated again, with one star.
	again int
	r     *rand.Rand
	n     int
}

// poison begins an experiment of lora-v2 against lora-v1, by a rollout.
func poison(t *testing.T, way string, fails map[string]int, rates func(*rand.Rand, string, bool) int) *poisoned {
	t.Helper()
	plan, err := (registry.Rollout{Way: way, TrialRatings: 40}).Plan()
	if err != nil {
		t.Fatal(err)
	}
	p := &poisoned{world: newWorld(t), fails: fails, rates: rates, r: rand.New(rand.NewPCG(1, 1))}
	p.compared(comparing(func(o *registry.Options) { o.Plan, o.Look = plan, time.Minute }))
	return p
}

// do has one task resolved, done or not, and rated.
func (p *poisoned) do() {
	p.t.Helper()
	task := fmt.Sprint("t", p.n)
	p.n++
	resolved, err := ask[contracts.AdapterResolved](p.world, contracts.SubjectRegistryResolve, `{"task_id": "`+task+`"}`)
	if err != nil {
		p.t.Fatal(err)
	}
	version := resolved.Adapter.Version
	h := fnv.New32a() // which tasks are hard does not depend on who works on them
	_, _ = h.Write([]byte(task))
	verb := contracts.VerbCompleted
	if int(h.Sum32()%100) < p.fails[version] {
		verb = contracts.VerbFailed
	}
	p.tell(contracts.SubjectTask(contracts.VerbStarted, task), contracts.TaskStarted{TaskID: task, Adapter: version})
	p.tell(contracts.SubjectTask(verb, task), contracts.TaskEnded{TaskID: task})
	stars := p.rates(p.r, version, verb == contracts.VerbCompleted)
	for i := range 1 + p.again {
		if i > 0 {
			stars = 1
		}
		p.tell(contracts.SubjectFeedbackSubmitted(task), contracts.FeedbackSubmitted{
			ID: fmt.Sprint(task, i), TaskID: task, SessionID: task, Rating: stars, Outcome: verb, Adapter: version,
		})
	}
}

func (p *poisoned) tell(subject string, event any) {
	p.t.Helper()
	if err := p.bus.Publish(p.t.Context(), subject, event); err != nil {
		p.t.Fatal(err)
	}
}

// decide has tasks done until the experiment is decided, or so many are done and counted.
func (p *poisoned) decide(tasks int) contracts.Aliases {
	p.t.Helper()
	for p.n < tasks {
		for range 5 {
			p.do()
		}
		if a := p.list().Aliases; a.Challenger == "" {
			return a
		}
	}
	kittest.Await(p.t, "all sessions", func() bool {
		s := p.experiment("")
		return s.Experiment.Decision != nil || s.Champion.Judged+s.Challenger.Judged == tasks && s.Champion.Rated+s.Challenger.Rated == tasks
	})
	return p.list().Aliases
}

// measured is the share of a version's tasks that were done, as people see it.
func (p *poisoned) measured(version string) float64 {
	p.t.Helper()
	f, err := ask[contracts.Figures](p.world, contracts.SubjectRegistryFigures, "")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, v := range f.Versions {
		if v.Version == version {
			return v.Success.Value
		}
	}
	p.t.Fatalf("there are no figures of %s", version)
	return 0
}

// never checks that the champion's measured success did not fall: what came into use after
// lora-v1 does no fewer tasks.
func (p *poisoned) never(champion string) {
	p.t.Helper()
	if was, is := p.measured("lora-v1"), p.measured(champion); is < was {
		p.t.Errorf("the champion is %s, which does %.2f of its tasks; lora-v1 does %.2f", champion, is, was)
	}
}

// ways are the rollouts that compare, with the tasks after which what is far worse has to be found out.
func ways() map[string]int {
	return map[string]int{registry.RolloutCanary: 400, registry.RolloutAB: 200, registry.RolloutTrial: 200}
}

// liars are the ways to rate that poison.
func liars() map[string]func(*rand.Rand, string, bool) int {
	return map[string]func(*rand.Rand, string, bool) int{
		"at random": func(r *rand.Rand, _ string, _ bool) int { return 1 + r.IntN(5) },
		"all one":   func(*rand.Rand, string, bool) int { return 1 },
		"upside down": func(_ *rand.Rand, _ string, done bool) int {
			if done {
				return 1
			}
			return 5
		},
	}
}

// Whatever is rated, a version that does far less is not promoted: success is counted beside the stars.
func TestLiesDoNotPromoteWhatFails(t *testing.T) {
	t.Parallel()
	for way, tasks := range ways() {
		for how, rates := range liars() {
			t.Run(way+", "+how, func(t *testing.T) {
				t.Parallel()
				p := poison(t, way, map[string]int{"lora-v1": 10, "lora-v2": 95}, rates)
				a := p.decide(tasks)
				if a.Champion != "lora-v1" || a.Challenger != "" {
					t.Errorf("after %d tasks: %+v", p.n, a)
				}

				p.never(a.Champion)
			})
		}
	}
}

// A flood of one star, each session rated ten times over, takes back no version that is as good, and
// has nothing promoted that does less.
func TestAFloodOfOneStarTakesNothingBack(t *testing.T) {
	t.Parallel()
	for way := range ways() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			p := poison(t, way, map[string]int{"lora-v1": 10, "lora-v2": 0}, liars()["all one"])
			p.again = 9
			p.decide(50)
			states := map[string]contracts.AdapterState{}
			for _, a := range p.list().Adapters {
				states[a.Version] = a.State
			}
			want := contracts.AdapterChallenger // nothing is shown
			if way == registry.RolloutTrial {
				want = contracts.AdapterChampion // all stars are the same, and it does no less
			}
			if states["lora-v2"] != want {
				t.Errorf("after %d tasks: %v, want lora-v2 to be the %s: %s", p.n, states, want, p.experiment("").Decision.Why)
			}
			p.never(p.list().Aliases.Champion)
		})
	}
}

// The files of a version are damaged while it is compared. Whoever plans its tasks then plans with the
// champion, which is as good as the champion: that promotes nothing.
func TestADamagedChallengerIsNotPromoted(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"damaged", "gone"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := poison(t, registry.RolloutTrial, nil, func(*rand.Rand, string, bool) int { return 3 })
			key := "adapters/lora-v2/weights"
			err := p.blobs.Remove(t.Context(), key)
			if err == nil && how == "damaged" {
				_, err = p.blobs.Put(t.Context(), key, []byte("lora-v3"), "application/octet-stream")
			}
			if err != nil {
				t.Fatal(err)
			}
			if a := p.decide(100); a.Champion != "lora-v1" || a.Challenger != "" {
				t.Errorf("%+v", a)
			}
			p.states("lora-v1 champion", "lora-v2 rolledback")
			if event := p.decided(contracts.AdapterVerbRolledBack, 1); event.Version != "lora-v2" || event.By != "auto" || event.Why == "" {
				t.Errorf("%+v", event)
			}
		})
	}
}
