package tests

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// atOnce is how many loops TestLoopChaos has going: most of the time a loop waits, for a
// lease to run out or a message to come again.
const atOnce = 4

// TestLoopChaos goes GROKPUTER_CHAOS times through the loop with random kills. GROKPUTER_CHAOS_SEED draws
// the same again, GROKPUTER_CHAOS_ROUND only those of them (1,5).
func TestLoopChaos(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("GROKPUTER_CHAOS"))
	if err != nil || rounds < 1 {
		t.Skip("it takes some seconds a round: make chaos")
	}
	var chosen []int
	for n := range rounds {
		chosen = append(chosen, n+1)
	}
	if only := os.Getenv("GROKPUTER_CHAOS_ROUND"); only != "" {
		if err := json.Unmarshal([]byte("["+only+"]"), &chosen); err != nil {
			t.Fatal(err)
		}
	}
	seed, err := strconv.ParseUint(os.Getenv("GROKPUTER_CHAOS_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	c := &loopChaos{own: newLearned(t), hits: map[string]int{}, points: map[string]int{}}
	queue := make(chan int)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for round := range queue {
				t.Run(strconv.Itoa(round), func(t *testing.T) { c.round(t, rand.New(rand.NewPCG(seed, uint64(round)))) })
			}
		})
	}
	for _, round := range chosen {
		queue <- round
	}
	close(queue)
	workers.Wait()
	t.Logf("seed %d: %d loops, %d kills drawn, %d hit\n%s\n%s", seed, c.loops, c.drawn, c.killed, histogram(c.hits), histogram(c.points))
}

// loopChaos counts over the rounds.
type loopChaos struct {
	own     learned
	outcome same

	mu                   sync.Mutex
	loops, drawn, killed int
	hits, points         map[string]int // by stage and process, and by the point passed last
}

// aim is a stage of the loop: points of one of the two units.
type aim struct {
	unit  string
	kills []kill
}

// aims are the stages in the loop's order.
func aims() []aim {
	t, r := trainerKills(), registryKills()
	return []aim{
		{"registry", r[:7]},    // the starter
		{"trainer", t[:2]},     // ratings
		{"trainer", t[2:3]},    // dataset
		{"trainer", t[3:6]},    // training
		{"trainer", t[6:8]},    // upload
		{"trainer", t[8:]},     // publish
		{"registry", r[7:11]},  // canary
		{"registry", r[11:13]}, // experiment
		{"registry", r[13:17]}, // promotion
		{"registry", r[17:21]}, // rollback
		{"registry", r[21:]},   // removal
	}
}

// round draws kills, each of a stage and some time after a point of it, and goes through the loop.
func (c *loopChaos) round(t *testing.T, rng *rand.Rand) {
	t.Helper()
	l := newLoop(t, c.own)
	l.brief, l.lease = rng.IntN(4) == 0, 10*time.Second
	all := aims()
	drawn := make([]int, 1+rng.IntN(4))
	for i := range drawn {
		drawn[i] = rng.IntN(len(all))
	}
	slices.Sort(drawn)
	learner, keeper := &prey{units: []string{"trainer"}}, &prey{units: []string{"registry"}}
	preys := []*prey{learner, keeper}
	if rng.IntN(4) == 0 { // as in the program that has every service in it
		both := &prey{units: loopUnits()}
		learner, keeper, preys = both, both, []*prey{both}
	}
	plan := ""
	for _, i := range drawn {
		k := all[i].kills[rng.IntN(len(all[i].kills))]
		k.Nth = 1 + rng.IntN(2*k.Nth-1)
		if rng.IntN(2) == 0 {
			k.After = time.Duration(rng.ExpFloat64() * float64(100*time.Millisecond))
		}
		p := keeper
		if all[i].unit == "trainer" {
			p = learner
		}
		p.kills = append(p.kills, k)
		plan += fmt.Sprintf(" %s %s", strings.Join(p.units, "+"), k)
	}
	t.Logf("at once %t:%s", l.brief, plan)
	l.finish(preys...)
	c.outcome.compare(l)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loops++
	c.drawn += len(drawn)
	c.killed += len(l.hits)
	for _, h := range l.hits {
		c.hits[h.stage+" "+strings.Join(h.units, "+")]++
		c.points[h.point]++
	}
}

func histogram(counts map[string]int) string {
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&lines, "%5d %s\n", counts[name], name)
	}
	return lines.String()
}
