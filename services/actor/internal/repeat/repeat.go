// Package repeat says how soon the hands may press a key again.
package repeat

import (
	"time"
	"unicode"
)

// Gap is how long a key that a program may have bound to a button rests before
// it is pressed again. A GTK button that was pressed by a key ignores that key
// for 250 ms (gtkbutton.c, ACTIVATE_TIMEOUT): a calculator takes 99 for 9.
const Gap = 270 * time.Millisecond

// Rest is how long to wait before r is typed now, when it was typed last at that
// time; the zero time means never. Letters and spaces, which make up texts and
// are seldom bound to a button, do not wait.
func Rest(r rune, last, now time.Time) time.Duration {
	if last.IsZero() || unicode.IsLetter(r) || unicode.IsSpace(r) {
		return 0
	}
	return max(0, Gap-now.Sub(last))
}
