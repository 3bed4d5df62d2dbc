package cli

import (
	"testing"
	"time"
)

func TestSince(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.Local) //nolint:gosmopolitan // a person's day
	for said, want := range map[string]time.Time{
		"36h": now.Add(-36 * time.Hour), "7d": now.Add(-7 * 24 * time.Hour), "2w": now.Add(-14 * 24 * time.Hour),
		"2026-11-01": now.AddDate(0, 0, -29).Add(-12 * time.Hour), "999999999999d": now.Add(-maxSince),
	} {
		var s since
		if err := s.UnmarshalText([]byte(said)); err != nil || !s.before(now).Equal(want) {
			t.Errorf("%s is %v, %v; want %v", said, s.before(now), err, want)
		}
	}
	for _, said := range []string{"", "d", "0d", "-1d", "1.5d", "7", "yesterday", "2026-13-01", "99999999999999999999d"} {
		if err := new(since).UnmarshalText([]byte(said)); err == nil {
			t.Errorf("%q is taken", said)
		}
	}
}
