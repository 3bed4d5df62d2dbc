package xtest

import (
	"time"
	"unicode"
)

// again is how long a key that a program may have bound to a button rests
// before it is pressed again. A GTK button that was pressed by a key ignores
// that key for 250 ms (gtkbutton.c, ACTIVATE_TIMEOUT): a calculator takes 99 for 9.
const again = 270 * time.Millisecond

// pace keeps when each character was typed last.
type pace map[rune]time.Time

// pause is how long to wait before r is typed now, and counts it as typed then.
// Letters and spaces, which make up texts and are seldom bound to a button, do
// not wait.
func (p pace) pause(r rune, now time.Time) time.Duration {
	if unicode.IsLetter(r) || unicode.IsSpace(r) {
		return 0
	}
	rest := time.Duration(0)
	if last, ok := p[r]; ok {
		rest = max(0, again-now.Sub(last))
	}
	p[r] = now.Add(rest)
	return rest
}
