package tests

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer"
)

// finish goes through the loop once, has the processes end, and judges what is stored.
func (l *loop) finish(preys ...*prey) {
	l.t.Helper()
	for _, p := range preys {
		l.start(p)
	}
	if err := l.drive(); err != nil {
		l.t.Fatalf("%v (%v)", err, context.Cause(l.ctx)) // a process that ended says why in the cause
	}
	l.end()
	noneSoon(l.t, home{dir: l.data})
	wrong, err := l.lawful()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, w := range wrong {
		l.t.Error(w)
	}
}

// same is what every loop has to come to that learned from the same ratings, however often
// it was killed.
type same struct {
	mu    sync.Mutex
	first map[string]string
}

// compare notes the hashes of the dataset and the weights of a loop's first version.
func (s *same) compare(l *loop) {
	l.t.Helper()
	a, err := stored[contracts.Adapter](l, contracts.BucketAdapters, string(contracts.RolePlanner)+"."+contracts.Version(1))
	if err != nil || a == nil {
		l.t.Fatalf("%+v, %v", a, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		s.first = map[string]string{}
	}
	for what, hash := range map[string]string{"dataset": a.Dataset.SHA256, "weights": a.SHA256} {
		if s.first[what] == "" {
			s.first[what] = hash
		}
		if hash != s.first[what] {
			l.t.Errorf("its %s is %s, that of another loop of the same ratings %s", what, hash, s.first[what])
		}
	}
}

// trainerKills are the points of the trainer, in the order in which the loop passes them.
func trainerKills() []kill {
	kills := []kill{{Point: atStart, Nth: 1}}
	for _, m := range trainer.Moments() {
		k := kill{Point: string(m), Nth: 1}
		if m == trainer.AfterCheckpoint || m == trainer.AfterFile {
			k.Nth = 2
		}
		kills = append(kills, k)
	}
	return kills
}

// registryKills are the points of the registry, in the order in which the loop passes them.
func registryKills() (kills []kill) {
	for _, point := range []string{
		atStart, "starter", "record.starter", "aliases.promoted.starter", "event.promoted.starter", "experiment.promoted.starter", "state.promoted.starter",
		"record.lora-v1", "aliases.canaried", "event.canaried", "experiment.canaried",
		"seat", "known",
		"aliases.promoted", "event.promoted", "experiment.promoted", "state.promoted",
		"aliases.rolledback", "event.rolledback", "experiment.rolledback", "state.rolledback",
		"aliases.removed", "event.removed", "file",
	} {
		k := kill{Point: point, Nth: 1}
		if point == "seat" || point == "known" {
			k.Nth = 4
		}
		kills = append(kills, k)
	}
	return kills
}

// The trainer and the registry are killed at each of their moments, from the ratings to the
// removal of the version that came of them. The loop ends as if they had not been. (One loop has
// a moment of the trainer and, later, some of the registry; all have to be hit.)
func TestLoopKilled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it kills and starts processes for half a minute")
	}
	own, outcome := newLearned(t), &same{}
	learning, keeping := trainerKills(), registryKills()
	for i, k := range learning {
		var kills []kill
		for j := i; j < len(keeping); j += len(learning) {
			kills = append(kills, keeping[j])
		}
		t.Run(fmt.Sprint(k.Point, " ", points(kills)), func(t *testing.T) {
			t.Parallel()
			l := newLoop(t, own)
			l.finish(&prey{units: []string{"trainer"}, kills: []kill{k}}, &prey{units: []string{"registry"}, kills: slices.Clone(kills)})
			outcome.compare(l)
			hits := map[string]int{}
			for _, h := range l.hits {
				hits[h.units[0]+" "+h.point]++
				t.Logf("the %s was killed after %s, at the stage %s", h.units[0], h.point, h.stage)
			}
			for _, want := range append(prefixed("trainer", []kill{k}), prefixed("registry", kills)...) {
				if hits[want] != 1 {
					t.Errorf("%s was hit %d times", want, hits[want])
				}
			}
		})
	}
}

func points(kills []kill) (names []string) {
	for _, k := range kills {
		names = append(names, k.Point)
	}
	return names
}

func prefixed(unit string, kills []kill) (names []string) {
	for _, name := range points(kills) {
		names = append(names, unit+" "+name)
	}
	return names
}
