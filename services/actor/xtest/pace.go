package xtest

import (
	"time"

	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

// pace keeps when each character was typed last.
type pace map[rune]time.Time

// pause is how long to wait before r is typed now, and counts it as typed then.
func (p pace) pause(r rune, now time.Time) time.Duration {
	rest := repeat.Rest(r, p[r], now)
	p[r] = now.Add(rest)
	return rest
}
