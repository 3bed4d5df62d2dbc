package repeat

import "time"

const (
	// apart is how long two clicks at one place are apart at least that are none of
	// a double click: toolkits take up to 400 (GTK, Qt) or 500 ms for one.
	apart = 600 * time.Millisecond
	// place is how far from each other two clicks are at one place, in pixels:
	// toolkits take up to 5.
	place = 8
)

// Clicks know where and when was clicked last. The zero value knows of no click.
type Clicks struct {
	x, y int
	at   time.Time
}

// Rest is how long to wait before a click that is not to be taken for a part of
// the one before.
func (c *Clicks) Rest(x, y int, now time.Time) time.Duration {
	if c.at.IsZero() || max(x-c.x, c.x-x) > place || max(y-c.y, c.y-y) > place {
		return 0
	}
	return max(0, apart-now.Sub(c.at))
}

// Done notes a click.
func (c *Clicks) Done(x, y int, now time.Time) { c.x, c.y, c.at = x, y, now }
