package figures

import (
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Week names the week of a time in UTC as ISO 8601 does, such as 2026-W48.
func Week(t time.Time) string {
	year, week := t.UTC().ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// Weeks says how the sessions of each week went, from the first week with a session or a new
// champion to the last one; those between without any are there, too. The champions
// are in the order of their times.
func Weeks(sessions []Session, champions []contracts.ChampionSince) []contracts.FiguresWeek {
	var first, last time.Time
	seen := func(t time.Time) {
		if first.IsZero() || t.Before(first) {
			first = t
		}
		if t.After(last) {
			last = t
		}
	}
	tallies, came := map[string]*Tally{}, map[string][]contracts.ChampionSince{}
	for _, s := range sessions {
		seen(s.Time)
		week := Week(s.Time)
		if tallies[week] == nil {
			tallies[week] = &Tally{}
		}
		tallies[week].Add(s)
	}
	for _, c := range champions {
		seen(c.Time)
		came[Week(c.Time)] = append(came[Week(c.Time)], c)
	}
	weeks := []contracts.FiguresWeek{}
	if first.IsZero() {
		return weeks
	}
	for t := first.UTC(); ; t = t.AddDate(0, 0, 7) {
		week := contracts.FiguresWeek{Week: Week(t), Champions: came[Week(t)]}
		if tally := tallies[week.Week]; tally != nil {
			week.Stars, week.Success = tally.Stars.Mean(), tally.Success()
		}
		weeks = append(weeks, week)
		if week.Week == Week(last) {
			return weeks
		}
	}
}
