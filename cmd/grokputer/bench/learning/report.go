package learning

import (
	"strings"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/contracts"
)

// goal is the part of successes that the curve is to reach.
const goal = 0.9

// Report is a curve for those who read it: the small state that is kept with the documents.
type Report struct {
	Measured string   `json:"measured"`
	Settings Settings `json:"settings"`
	Rounds   []Row    `json:"rounds"`
	// First and Last are what the curve began and ended with, on more seeds; nil until they are measured.
	First *Score `json:"first,omitempty"`
	Last  *Score `json:"last,omitempty"`
	// Gain is what the first training brought, and Whole what all did.
	Gain  *Comparison `json:"gain,omitempty"`
	Whole *Comparison `json:"whole,omitempty"`
	// Promoted compares each version that was in use with the one before it.
	Promoted []Comparison `json:"promoted,omitempty"`
	// Before and After are the other pages, in sum.
	Before *Tally `json:"others_before,omitempty"`
	After  *Tally `json:"others_after,omitempty"`
	Final  Cost   `json:"final"`
}

// Row is a round of the curve.
type Row struct {
	Round

	Rated Rated  `json:"rated"`
	Score *Score `json:"score,omitempty"` // of what the round is judged by
}

// Rated is what the sessions of a round came to.
type Rated struct {
	N         int            `json:"n"`
	Stars     float64        `json:"stars"` // mean
	Success   int            `json:"success"`
	Low       float64        `json:"low"`
	High      float64        `json:"high"`
	Corrected int            `json:"corrected"`
	Refused   int            `json:"refused,omitempty"` // corrections that the service did not take
	Faults    map[string]int `json:"faults,omitempty"`
	// Versions are how many sessions each planned.
	Versions map[string]int `json:"versions,omitempty"`
}

// RatedOf counts ratings.
func RatedOf(ratings []Rating) Rated {
	r := Rated{N: len(ratings), Faults: map[string]int{}, Versions: map[string]int{}}
	for _, given := range ratings {
		r.Stars += float64(given.Stars) / float64(len(ratings))
		if given.Stars == contracts.MaxRating {
			r.Success++
		}
		if given.Corrected != "" {
			r.Corrected++
		}
		if given.Refused != "" {
			r.Refused++
		}
		if given.Fault != "" {
			r.Faults[given.Fault]++
		}
		r.Versions[given.Adapter]++
	}
	r.Low, r.High = miniwob.Wilson(r.Success, r.N)
	return r
}

// Played has the evaluation episodes of a version on pages with the first n seeds, in order, as
// far as they were played.
type Played func(version string, pages []string, n int) []miniwob.Episode

// ReportOf is the report of a state. Of the versions at both ends seeds are looked at.
func ReportOf(s *State, ratings *Ratings, played Played, seeds int, measured string) Report {
	r := Report{Measured: measured, Settings: s.Settings, Final: s.Final}
	tasks, few := s.Settings.Tasks, s.Settings.EvaluationSeeds
	var champions []string
	for _, round := range s.Rounds {
		row := Row{Round: round}
		if round.N > 0 {
			row.Rated = RatedOf(ratings.Of(s.SessionsOf(round.N)))
		}
		if episodes := played(round.Evaluated, tasks, few); len(episodes) > 0 {
			score := ScoreOf(episodes)
			row.Score = &score
		}
		r.Rounds = append(r.Rounds, row)
		if n := len(champions); round.Champion != "" && (n == 0 || champions[n-1] != round.Champion) {
			champions = append(champions, round.Champion)
		}
	}
	compare := func(from, to string) *Comparison {
		c := Compare(from, to, played(from, tasks, max(few, seeds)), played(to, tasks, max(few, seeds)))
		if c.N == 0 {
			return nil
		}
		return &c
	}
	for i := 1; i < len(champions); i++ {
		if c := compare(champions[i-1], champions[i]); c != nil {
			r.Promoted = append(r.Promoted, *c)
		}
	}
	done := r.done()
	if len(done) < 2 {
		return r
	}
	first, last := done[0].Evaluated, done[len(done)-1].Evaluated
	r.Gain, r.Whole = compare(first, done[1].Evaluated), compare(first, last)
	r.First, r.Last = complete(played(first, tasks, seeds), len(tasks)*seeds), complete(played(last, tasks, seeds), len(tasks)*seeds)
	n := len(s.Others) * s.Settings.OtherSeeds
	if before, after := played(first, s.Others, s.Settings.OtherSeeds), played(last, s.Others, s.Settings.OtherSeeds); n > 0 && len(before) == n && len(after) == n {
		r.Before, r.After = tally(before), tally(after)
	}
	return r
}

// done are the rounds that have ended.
func (r Report) done() []Row {
	for i, row := range r.Rounds {
		if row.Ended.IsZero() {
			return r.Rounds[:i]
		}
	}
	return r.Rounds
}

// complete is the score of episodes, nil while there are fewer than n.
func complete(episodes []miniwob.Episode, n int) *Score {
	if len(episodes) < n {
		return nil
	}
	s := ScoreOf(episodes)
	return &s
}

func tally(episodes []miniwob.Episode) *Tally {
	s := ScoreOf(episodes)
	return &Tally{Success: s.Success, N: s.N}
}

// span is a time in seconds for a person.
func span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < time.Hour {
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
