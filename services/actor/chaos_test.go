package actor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/actor"
)

// chaos is how far TestKillChaos has come. It is kept in a file, so that the next
// run goes on from there.
type chaos struct {
	Rounds   int      `json:"rounds"`
	Kills    int      `json:"kills"`
	Missed   int      `json:"missed"` // processes that had ended the task before
	Failures []string `json:"failures,omitempty"`
}

// TestKillChaos kills processes at random moments, named ones and any others, in
// GROKPUTER_CHAOS rounds of one task each. It counts in the file that
// GROKPUTER_CHAOS_STATE names.
func TestKillChaos(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("GROKPUTER_CHAOS"))
	if err != nil || rounds < 1 {
		t.Skip("it takes seconds a round: make chaos")
	}
	file := os.Getenv("GROKPUTER_CHAOS_STATE")
	c := loadChaos(t, file)
	for c.Rounds < rounds {
		rng := rand.New(rand.NewPCG(1, uint64(c.Rounds)))
		t.Run(fmt.Sprintf("round %d", c.Rounds+1), func(t *testing.T) { c.round(t, rng) })
		c.Rounds++
		c.save(t, file)
		t.Logf("round %d of %d: %d kills, %d came too late, %d failures", c.Rounds, rounds, c.Kills, c.Missed, len(c.Failures))
	}
	for _, failure := range c.Failures {
		t.Error(failure)
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// round kills one to three processes that work on one task, and judges the task.
func (c *chaos) round(t *testing.T, rng *rand.Rand) {
	v := newVictim(t)
	var story []string
	least := 1
	for range 1 + rng.IntN(3) {
		at, after := draw(rng, least)
		least = max(least, at.Step)
		process := v.process(at)
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		if at.Moment == "" {
			story = append(story, "after "+after.String())
			<-time.After(after)        // nothing to wait for: that is the point
			_ = process.Process.Kill() // it may have ended by itself
		} else {
			story = append(story, fmt.Sprintf("at %s of step %d, stroke %d", at.Moment, at.Step, at.Stroke))
		}
		switch err := process.Wait(); {
		case killed(err):
			c.Kills++
		case err == nil:
			c.Missed++
		default:
			c.Failures = append(c.Failures, fmt.Sprintf("round %d: killed %q: %v", c.Rounds+1, story, err))
			return
		}
	}
	if err := v.judge(); err != nil {
		c.Failures = append(c.Failures, fmt.Sprintf("round %d: killed %q: %v", c.Rounds+1, story, err))
	}
}

// draw returns a named moment of one of the steps from least on, or a time after
// the start at which to kill.
func draw(rng *rand.Rand, least int) (at crash, after time.Duration) {
	const span = 1500 * time.Millisecond // a task that nobody disturbs takes about as long
	if rng.IntN(2) == 0 {
		return crash{}, time.Duration(rng.Int64N(int64(span)))
	}
	moments := actor.Moments()
	at = crash{Moment: moments[rng.IntN(len(moments))], Step: least + rng.IntN(6-least)}
	switch at.Moment {
	case actor.AfterSent, actor.AfterStroke:
		at.Stroke = 1
		if at.Step == 3 {
			at.Stroke = 1 + rng.IntN(14)
		}
	case actor.AfterEnd, actor.AfterEnded:
		at.Step = 5
	}
	return at, 0
}

func loadChaos(t *testing.T, file string) chaos {
	t.Helper()
	body, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return chaos{}
	}
	if err != nil {
		t.Fatal(err)
	}
	return decode[chaos](t, body)
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
