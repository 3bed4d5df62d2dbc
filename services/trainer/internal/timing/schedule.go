package timing

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is a set of times in cron's syntax: minute, hour, day of the month, month and
// day of the week, such as "0 */4 * * *", or "@daily", or "@every 4h". The zero value is
// never.
type Schedule struct {
	text string
	cron cron.Schedule
}

// ParseSchedule reads a schedule; an empty text is never.
func ParseSchedule(text string) (Schedule, error) {
	if text == "" {
		return Schedule{}, nil
	}
	parsed, err := cron.ParseStandard(text)
	if err != nil {
		return Schedule{}, fmt.Errorf("the schedule %q is not in cron's syntax, such as \"0 */4 * * *\" for every four hours: %w", text, err)
	}
	return Schedule{text: text, cron: parsed}, nil
}

// String is the text that the schedule was read from.
func (s Schedule) String() string { return s.text }

// Equal reports whether both were read from the same text.
func (s Schedule) Equal(other Schedule) bool { return s.text == other.text }

// MarshalText writes the schedule as ParseSchedule reads it.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// UnmarshalText reads what ParseSchedule does.
func (s *Schedule) UnmarshalText(text []byte) error {
	parsed, err := ParseSchedule(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// Never reports whether the schedule has no times.
func (s Schedule) Never() bool { return s.cron == nil }

// Next is the first time after t; the zero time for never.
func (s Schedule) Next(t time.Time) time.Time {
	if s.Never() {
		return time.Time{}
	}
	return s.cron.Next(t)
}

// Last is the last time that is after since and not after now, so that one which came
// while the machine was off is found. ok is false when there is none. "@every" counts
// from since.
func (s Schedule) Last(since, now time.Time) (last time.Time, ok bool) {
	if s.Never() || !since.Before(now) {
		return time.Time{}, false
	}
	from := since
	if _, relative := s.cron.(cron.ConstantDelaySchedule); !relative {
		from = s.near(since, now)
	}
	for next := s.cron.Next(from); !next.IsZero() && !next.After(now); next = s.cron.Next(next) {
		last, ok = next, true
	}
	return last, ok
}

// near is a time between since and now after which the schedule has few times until now,
// the last among them: years may lie between the two.
func (s Schedule) near(since, now time.Time) time.Time {
	for back := time.Hour; now.Add(-back).After(since); back *= 2 {
		from := now.Add(-back)
		if next := s.cron.Next(from); !next.IsZero() && !next.After(now) {
			return from
		}
	}
	return since
}
