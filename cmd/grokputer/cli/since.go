package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// since is how far back something is looked at: 36h, 7d, 2w, or a day such as 2026-11-01.
type since struct {
	span time.Duration
	day  time.Time // where it is a day
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *since) UnmarshalText(text []byte) error {
	said := string(text)
	if day, err := time.ParseInLocation(time.DateOnly, said, time.Local); err == nil { //nolint:gosmopolitan // a person's day
		*s = since{day: day}
		return nil
	}
	unit, number := time.Duration(0), ""
	for suffix, d := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if n, ok := strings.CutSuffix(said, suffix); ok {
			unit, number = d, n
		}
	}
	span, err := time.ParseDuration(said)
	if unit > 0 {
		var n int
		n, err = strconv.Atoi(number)
		span = time.Duration(n) * unit
		if n > int(maxSince/unit) {
			span = maxSince
		}
	}
	if err != nil || span <= 0 {
		return fmt.Errorf("%q is no span of time such as 7d, 2w or 36h, and no day such as 2026-11-01", said)
	}
	*s = since{span: span}
	return nil
}

// maxSince is further back than anything: it keeps a span from overflowing.
const maxSince = 200 * 365 * 24 * time.Hour

// before is the time that is meant, seen from now.
func (s since) before(now time.Time) time.Time {
	if !s.day.IsZero() {
		return s.day
	}
	return now.Add(-s.span)
}
