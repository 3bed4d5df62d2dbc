package trainer

import (
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer/internal/timing"
)

func TestScheduled(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 5, 4, 0, 0, 0, 0, time.Local) //nolint:gosmopolitan // by the clock on the wall
	hour := func(h float64) time.Time { return day.Add(time.Duration(h * float64(time.Hour))) }
	rated := func(sequence uint64, at float64, rating, steps, corrected int) entry {
		e := entry{sequence: sequence}
		e.Time, e.Rating, e.Steps, e.Corrected = hour(at), rating, steps, corrected
		return e
	}
	last := func(through uint64, created float64) *contracts.JobState {
		return &contracts.JobState{Phase: contracts.JobCompleted, Through: through, Created: hour(created), Updated: hour(created)}
	}
	for name, c := range map[string]struct {
		ratings []entry
		last    *contracts.JobState
		now     float64
		due     bool
		why     string
	}{
		"nothing rated":               {now: 9},
		"nothing new":                 {ratings: []entry{rated(1, 1, 1, 4, 4)}, last: last(1, 2), now: 9},
		"enough":                      {ratings: []entry{rated(1, 1, 1, 4, 4)}, now: 4.1, due: true, why: "came to 04:00, with 4 new steps"},
		"a good one teaches":          {ratings: []entry{rated(1, 1, 5, 3, 0)}, now: 4.1, due: true, why: "3 new steps"},
		"too early":                   {ratings: []entry{rated(1, 1, 1, 4, 4)}, now: 3.9, why: "comes next at 04:00, and takes 3 new steps"},
		"too few":                     {ratings: []entry{rated(1, 1, 1, 4, 2)}, now: 4.1, why: "comes next at 08:00"},
		"enough, but some came later": {ratings: []entry{rated(1, 1, 1, 4, 2), rated(2, 5, 1, 4, 2)}, now: 5.1, why: "comes next at 08:00"},
		"these count the next time":   {ratings: []entry{rated(1, 1, 1, 4, 2), rated(2, 5, 1, 4, 2)}, now: 8.1, due: true, why: "4 new steps"},
		"old ones do not":             {ratings: []entry{rated(1, 1, 1, 4, 2), rated(2, 5, 1, 4, 2)}, last: last(1, 4), now: 8.1, why: "12:00"},
		"nobody ran for a week":       {ratings: []entry{rated(1, 1, 1, 4, 4)}, now: 7*24 + 1, due: true, why: "came to 00:00"},
		"tomorrow":                    {ratings: []entry{rated(1, 1, 1, 4, 2)}, now: 21, why: "comes next at 2026-05-05 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := timing.ParseSchedule("0 */4 * * *")
			if err != nil {
				t.Fatal(err)
			}
			due, why := When{Schedule: s, MinNew: 3}.scheduled(c.ratings, c.last, hour(c.now))
			if due != c.due || !strings.Contains(why, c.why) || c.why == "" && why != "" {
				t.Errorf("due: %t: %q, want %t: %q", due, why, c.due, c.why)
			}
		})
	}
	if due, why := (When{}).scheduled([]entry{rated(1, 1, 1, 4, 4)}, nil, hour(9)); due || why != "" {
		t.Errorf("without a schedule: %t, %q", due, why)
	}
}
