package timing

import (
	"fmt"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Hours are times of each day, such as "22:00-07:00" or "09:00-12:00,13:00-17:00", in the
// zone of the times that they are asked about. The zero value is no time at all.
type Hours struct {
	text  string
	spans []span
}

// span is a part of the day, from the midnight before; one that ends before it begins
// goes on after the next midnight.
type span struct{ from, to time.Duration }

// ParseHours reads hours; an empty text is no time at all.
func ParseHours(text string) (Hours, error) {
	if text == "" {
		return Hours{}, nil
	}
	h := Hours{text: text}
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(part), "-")
		begin, beginErr := timeOfDay(from)
		end, endErr := timeOfDay(to)
		if !ok || beginErr != nil || endErr != nil || begin == end {
			return Hours{}, fmt.Errorf("the hours %q are not such as 22:00-07:00 or 09:00-12:00,13:00-17:00", text)
		}
		h.spans = append(h.spans, span{begin, end})
	}
	return h, nil
}

// timeOfDay reads hh:mm as the time since midnight; 24:00 is the end of the day.
func timeOfDay(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == "24:00" {
		return day, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, err
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// String is the text that the hours were read from.
func (h Hours) String() string { return h.text }

// Equal reports whether both were read from the same text.
func (h Hours) Equal(other Hours) bool { return h.text == other.text }

// MarshalText writes the hours as ParseHours reads them.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.text), nil }

// UnmarshalText reads what ParseHours does.
func (h *Hours) UnmarshalText(text []byte) error {
	parsed, err := ParseHours(string(text))
	if err == nil {
		*h = parsed
	}
	return err
}

// Until is when the hours that t lies in end, by the clock on the wall; ok is false
// when t lies in none.
func (h Hours) Until(t time.Time) (end time.Time, ok bool) {
	for range len(h.spans) + 1 { // one span may go on where another ends
		next, inside := h.span(t)
		if !inside {
			break
		}
		t, end, ok = next, next, true
	}
	return end, ok
}

// span is the end of a span that t lies in.
func (h Hours) span(t time.Time) (end time.Time, inside bool) {
	hour, minute, second := t.Clock()
	at := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	for _, s := range h.spans {
		switch {
		case s.from < s.to && s.from <= at && at < s.to:
			return wall(t, s.to), true
		case s.from > s.to && at >= s.from:
			return wall(t, day+s.to), true
		case s.from > s.to && at < s.to:
			return wall(t, s.to), true
		}
	}
	return time.Time{}, false
}

// wall is a time on t's day by the clock on the wall, also on a day on which that is
// set forward or back.
func wall(t time.Time, since time.Duration) time.Time {
	year, month, date := t.Date()
	return time.Date(year, month, date, 0, int(since/time.Minute), 0, 0, t.Location())
}
