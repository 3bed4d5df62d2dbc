package trainer

import (
	"context"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer/internal/timing"
)

// When says at which times trainings begin and go on that nobody asked for.
type When struct {
	// Schedule has a training begin at its times, if at least MinNew steps that teach came
	// since the last one: corrected steps, and steps of well-rated sessions.
	Schedule timing.Schedule `json:"schedule"`
	MinNew   int             `json:"min_new"`
	// CoolDown is the least time between the end of a training and the next one.
	CoolDown time.Duration `json:"cool_down"`
	// In Quiet hours, and while the desktop was used within the last Idle, none begins and
	// one that runs rests; no Idle does not look at the desktop.
	Quiet timing.Hours  `json:"quiet"`
	Idle  time.Duration `json:"idle"`
	// Share is the part of the processors that a training uses, 0 to 1.
	Share float64 `json:"share"`
	// GiveUp is after how many trainings in a row of which no version was promoted the
	// trainer waits for something new to learn from; 0 never.
	GiveUp int `json:"give_up"`
	// LookEvery is how often the clock and the desktop are looked at.
	LookEvery time.Duration `json:"look_every"`
}

// Desk knows the person's desktop. It is safe for concurrent use.
type Desk interface {
	// Idle is for how long neither the person nor the agent has used mouse and keyboard.
	Idle(ctx context.Context) (time.Duration, error)
}

// scheduled reports whether the schedule has a training begin: a time of it has come
// since the last training began, and by then there was enough to learn. One that came
// while no trainer ran counts.
func (w When) scheduled(ratings []entry, last *contracts.JobState, now time.Time) (due bool, why string) {
	fresh, since := news(ratings, last)
	if w.Schedule.Never() || len(fresh) == 0 {
		return false, ""
	}
	at, ok := w.Schedule.Last(since, now)
	taught := 0
	for _, e := range fresh {
		if !e.Time.After(at) {
			taught += e.teaches()
		}
	}
	if ok && taught >= max(1, w.MinNew) {
		return true, fmt.Sprintf("the schedule (%s) came to %s, with %s that teach since the last training",
			w.Schedule, clock(at, now), plural(taught, "new step"))
	}
	return false, fmt.Sprintf("the schedule (%s) comes next at %s, and takes %s that teach by then",
		w.Schedule, clock(w.Schedule.Next(now), now), plural(max(1, w.MinNew), "new step"))
}

// news are the ratings that the last training did not know, and since when there may be some.
func news(ratings []entry, last *contracts.JobState) (fresh []entry, since time.Time) {
	for _, e := range ratings {
		if last == nil || e.sequence > last.Through {
			fresh = append(fresh, e)
		}
	}
	if last != nil {
		return fresh, last.Created
	}
	if len(fresh) > 0 {
		since = fresh[0].Time.Add(-time.Nanosecond)
	}
	return fresh, since
}

// teaches is how many steps of a session can be learned from.
func (e entry) teaches() int {
	if e.Rating >= contracts.GoodRating {
		return e.Steps
	}
	return e.Corrected
}

// clock is a time as a person reads it, without the day if that is today.
func clock(t, now time.Time) string {
	t, now = t.Local(), now.Local() //nolint:gosmopolitan // by the clock on the wall
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
