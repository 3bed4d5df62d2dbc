package tests

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// chaos is how far TestChaos has come. It is kept in a file, so that the next run
// goes on from there.
type chaos struct {
	Rounds   int      `json:"rounds"`
	Kills    int      `json:"kills"`
	Hits     int      `json:"hits"` // kills that a task was under way at
	Failures []string `json:"failures,omitempty"`
}

// TestChaos kills the whole program at random moments, in GROKPUTER_CHAOS rounds of
// one task each. It counts in the file that GROKPUTER_CHAOS_STATE names.
func TestChaos(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("GROKPUTER_CHAOS"))
	if err != nil || rounds < 1 {
		t.Skip("it takes half a minute a round: make chaos")
	}
	file := os.Getenv("GROKPUTER_CHAOS_STATE")
	c := loadChaos(t, file)
	v := newVictim(t)
	began := time.Now()
	c.round(v, draw(rand.New(rand.NewPCG(0, 0)), 200), nil)
	span := time.Since(began) // of a chore that nobody disturbs
	for c.Rounds < rounds {
		rng := rand.New(rand.NewPCG(1, uint64(c.Rounds)))
		moments := make([]time.Duration, 1+rng.IntN(2))
		for i := range moments {
			moments[i] = time.Duration(rng.Int64N(int64(span)))
		}
		c.round(v, draw(rng, 20+rng.IntN(200)), moments)
		c.Rounds++
		c.save(t, file)
		t.Logf("round %d of %d: %d kills, %d of them during a task, %d failures", c.Rounds, rounds, c.Kills, c.Hits, len(c.Failures))
	}
	v.running.interrupt()
	for _, failure := range c.Failures {
		t.Error(failure)
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// round has the program do a chore, and kills it so long after the chore began or
// went on.
func (c *chaos) round(v *victim, task chore, moments []time.Duration) {
	v.t.Helper()
	v.desk().clear()
	id := v.ask(v.connect(), task.String())
	var kills []time.Time
	for _, moment := range moments {
		<-time.After(moment) // nothing to wait for: that is the point
		v.crash()
		kills = append(kills, time.Now())
		v.recover()
	}
	events := ended(v.t, v.bus(), id)
	for _, kill := range kills {
		if c.Kills++; kill.Before(events[len(events)-1].Time) {
			c.Hits++
		}
	}
	if err := v.judge(task, events); err != nil {
		c.Failures = append(c.Failures, "round "+strconv.Itoa(c.Rounds+1)+": "+err.Error())
	}
}

func loadChaos(t *testing.T, file string) chaos {
	t.Helper()
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return chaos{}
	}
	return readJSON[chaos](t, file)
}

func (c *chaos) save(t *testing.T, file string) {
	t.Helper()
	body, err := json.MarshalIndent(c, "", "  ")
	if err == nil && file != "" {
		err = os.WriteFile(file, append(body, '\n'), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
