package learning

import (
	"maps"
	"slices"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
)

// Score is how episodes went.
type Score struct {
	N       int `json:"n"`
	Success int `json:"success"`
	// Rate is the mean of the tasks' rates, and Low to High the 95 % interval (Wilson) of the part
	// of all episodes, which is the same number where each task has as many.
	Rate float64 `json:"rate"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Steps is the mean of the episodes, and Repeats counts repeated clicks.
	Steps   float64 `json:"steps"`
	Repeats int     `json:"repeats"`
	// Tasks has the successes and the episodes of each.
	Tasks map[string]Tally `json:"tasks,omitempty"`
}

// Tally is some of n.
type Tally struct {
	Success int `json:"success"`
	N       int `json:"n"`
}

// ScoreOf counts episodes.
func ScoreOf(episodes []miniwob.Episode) Score {
	s := Score{Tasks: map[string]Tally{}}
	for _, e := range episodes {
		t := s.Tasks[e.Task]
		t.N++
		s.N++
		if e.Success {
			t.Success++
			s.Success++
		}
		s.Tasks[e.Task] = t
		s.Steps += float64(e.Steps) / float64(len(episodes))
		s.Repeats += e.Repeats
	}
	for _, task := range slices.Sorted(maps.Keys(s.Tasks)) { // in an order, so that equal episodes have equal sums
		t := s.Tasks[task]
		s.Rate += float64(t.Success) / float64(t.N) / float64(len(s.Tasks))
	}
	s.Low, s.High = miniwob.Wilson(s.Success, s.N)
	return s
}
