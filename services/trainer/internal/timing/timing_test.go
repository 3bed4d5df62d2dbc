package timing_test

import (
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/trainer/internal/timing"
)

// at is a time in May 2026, the 4th of which is a Monday, in a zone that changes its clocks.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestScheduleLast(t *testing.T) {
	t.Parallel()
	const now = "2026-05-04 13:30:00"
	for _, tt := range []struct {
		schedule, since, want string // want is empty for none
	}{
		{"0 */4 * * *", "2026-05-04 08:00:00", "2026-05-04 12:00:00"},
		{"0 */4 * * *", "2026-05-04 12:00:00", ""},
		{"0 */4 * * *", "2026-05-04 11:59:59", "2026-05-04 12:00:00"},
		{"0 */4 * * *", "2019-01-01 00:00:00", "2026-05-04 12:00:00"},
		{"* * * * *", "2019-01-01 00:00:00", "2026-05-04 13:30:00"},
		{"30 3 * * 1", "2026-04-01 00:00:00", "2026-05-04 03:30:00"},
		{"0 3 1 1 *", "2020-06-01 00:00:00", "2026-01-01 03:00:00"},
		{"@daily", "2026-05-02 12:00:00", "2026-05-04 00:00:00"},
		{"@every 4h", "2026-05-04 03:00:00", "2026-05-04 11:00:00"},
		{"@every 4h", "2026-05-04 10:00:00", ""},
		{"0 0 30 2 *", "2020-01-01 00:00:00", ""}, // a day that no month has
		{"", "2020-01-01 00:00:00", ""},
		{"* * * * *", "2026-05-04 14:00:00", ""}, // the clock was set back
	} {
		t.Run(tt.schedule+" since "+tt.since, func(t *testing.T) {
			t.Parallel()
			s, err := timing.ParseSchedule(tt.schedule)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := s.Last(at(t, tt.since), at(t, now))
			if ok != (tt.want != "") || ok && !got.Equal(at(t, tt.want)) {
				t.Errorf("the last time is %s (%t), want %q", got, ok, tt.want)
			}
		})
	}
}

func TestHoursUntil(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		hours, at, want string // want is empty outside
	}{
		{"22:00-07:00", "2026-05-04 21:59:59", ""},
		{"22:00-07:00", "2026-05-04 22:00:00", "2026-05-05 07:00:00"},
		{"22:00-07:00", "2026-05-04 06:59:59", "2026-05-04 07:00:00"},
		{"22:00-07:00", "2026-05-04 07:00:00", ""},
		{"09:00-12:00, 12:00-17:00", "2026-05-04 10:00:00", "2026-05-04 17:00:00"},
		{"20:00-24:00,00:00-06:30", "2026-05-31 23:00:00", "2026-06-01 06:30:00"},
		{"22:00-07:00", "2026-03-28 23:00:00", "2026-03-29 07:00:00"}, // the night that is an hour short
		{"22:00-07:00", "2026-10-24 23:00:00", "2026-10-25 07:00:00"}, // and the one that is an hour long
		{"", "2026-05-04 23:00:00", ""},
	} {
		t.Run(tt.hours+" at "+tt.at, func(t *testing.T) {
			t.Parallel()
			h, err := timing.ParseHours(tt.hours)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := h.Until(at(t, tt.at))
			if ok != (tt.want != "") || ok && !got.Equal(at(t, tt.want)) {
				t.Errorf("they end at %s (%t), want %q", got, ok, tt.want)
			}
		})
	}
}

// All day long is hours that never end: that is found, and said to end some day.
func TestHoursAllDay(t *testing.T) {
	t.Parallel()
	h, err := timing.ParseHours("00:00-24:00")
	if err != nil {
		t.Fatal(err)
	}
	if end, ok := h.Until(at(t, "2026-05-04 10:00:00")); !ok || !end.After(at(t, "2026-05-04 10:00:00")) {
		t.Errorf("they end at %s, %t", end, ok)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"22:00", "22-7", "25:00-26:00", "07:00-07:00", "22:00-07:00,"} {
		if _, err := timing.ParseHours(text); err == nil {
			t.Errorf("the hours %q were read without error", text)
		}
	}
	for _, text := range []string{"every day", "* * * *", "61 * * * *", "@every x"} {
		if _, err := timing.ParseSchedule(text); err == nil {
			t.Errorf("the schedule %q was read without error", text)
		}
	}
	var s timing.Schedule
	if err := s.UnmarshalText([]byte("0 4 * * *")); err != nil || s.String() != "0 4 * * *" || s.Never() {
		t.Errorf("read as %q, never: %t, %v", s, s.Never(), err)
	}
	var h timing.Hours
	if err := h.UnmarshalText([]byte("22:00-07:00")); err != nil || h.String() != "22:00-07:00" {
		t.Errorf("read as %q, %v", h, err)
	}
}
