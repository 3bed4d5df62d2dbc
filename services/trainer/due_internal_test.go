package trainer

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// stars makes a rating of each, one after the other from sequence 1; a low one is
// corrected when corrected is set.
func stars(corrected bool, ratings ...int) []entry {
	list := make([]entry, 0, len(ratings))
	for i, r := range ratings {
		e := entry{sequence: uint64(i + 1)}
		e.Rating, e.Steps, e.SessionID = r, 2, "session_"+string(rune('a'+i%26))
		if corrected && r <= contracts.LowRating {
			e.Corrected = 1
		}
		list = append(list, e)
	}
	return list
}

func times(n, rating int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = rating
	}
	return list
}

func TestJudge(t *testing.T) {
	t.Parallel()
	rules := DefaultConfig().Rules
	for name, c := range map[string]struct {
		ratings []entry
		through uint64
		due     bool
		trigger contracts.Trigger
		why     string
	}{
		"nothing rated":            {why: "no session was rated"},
		"four failures":            {ratings: stars(true, 1, 1, 1, 1), why: "only 4 of the 5"},
		"the fifth failure":        {ratings: stars(true, 1, 1, 1, 1, 1), due: true, trigger: contracts.TriggerQuality, why: "is 1.00 stars"},
		"five failures, high mean": {ratings: stars(true, append(times(30, 5), 3, 3, 3, 3, 3)...), why: "not below 3.80"},
		"low mean of old ratings": {
			ratings: stars(true, append(times(5, 1), 4)...), through: 5, why: "only 0 of the 5",
		},
		"nothing new": {ratings: stars(true, 1, 1, 1, 1, 1), through: 5, why: "no session was rated"},
		"fifty good ones": {
			ratings: stars(true, times(50, 5)...), due: true, trigger: contracts.TriggerVolume, why: "50 sessions were rated",
		},
		"forty-nine good ones": {ratings: stars(true, times(49, 5)...), why: "49 of 50"},
		"five failures, none corrected": {
			ratings: stars(false, 1, 1, 1, 1, 1), trigger: contracts.TriggerQuality, why: "session_a, session_b",
		},
		"five failures, one good": {
			ratings: stars(false, 1, 1, 1, 1, 1, 5), due: true, trigger: contracts.TriggerQuality, why: "is 1.67 stars",
		},
	} {
		got := rules.judge(c.ratings, c.through)
		if got.Due != c.due || got.Trigger != c.trigger || !strings.Contains(got.Why, c.why) {
			t.Errorf("%s: due %t, trigger %q: %s", name, got.Due, got.Trigger, got.Why)
		}
	}
}

func TestJudgeCounts(t *testing.T) {
	t.Parallel()
	got := DefaultConfig().Rules.judge(stars(true, append(times(10, 1), times(45, 5)...)...), 8)
	if got.Window != 50 || got.Average != (5*1+45*5)/50.0 || got.Rated != 47 || got.Failures != 2 || got.Lessons != 10 {
		t.Errorf("%+v", got)
	}
}

func TestLedgerKeepsTheNewestRating(t *testing.T) {
	t.Parallel()
	l := newLedger()
	rate := func(sequence uint64, task string, rating int) {
		l.rate(sequence, contracts.FeedbackSubmitted{TaskID: task, Rating: rating})
	}
	rate(1, "a", 1)
	rate(2, "b", 2)
	rate(3, "a", 5) // changed
	rate(1, "a", 1) // delivered again
	l.forget(4, "b")
	rate(2, "b", 2) // delivered again after its end
	list, last := l.ratings()
	if len(list) != 1 || list[0].TaskID != "a" || list[0].Rating != 5 || last != 4 {
		t.Errorf("%+v, last %d", list, last)
	}
	rate(5, "b", 4) // a session of that name that came later
	if list, _ := l.ratings(); len(list) != 2 || list[1].TaskID != "b" {
		t.Errorf("%+v", list)
	}
}
