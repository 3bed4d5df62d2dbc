package actor

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

var (
	// ErrNoDisplay means that there is no display to act on, or it went away.
	ErrNoDisplay = errors.New("there is no display")
	// ErrNoFocus means that text or keys would go to nobody.
	ErrNoFocus = errors.New("no window has the focus")
	// ErrFocusMoved means that another window took the focus while text was typed.
	ErrFocusMoved = errors.New("another window has taken the focus")
	// ErrCannotType means that a character cannot be typed on this keyboard.
	ErrCannotType = errors.New("a character cannot be typed")
	// ErrMisaligned means that the pointer does not arrive where it is sent: a
	// click would hit something else than what was seen.
	ErrMisaligned = errors.New("the pointer does not go where it is sent")
)

// Hands move the pointer and press buttons and keys.
//
// What they do is counted in strokes: the least pieces that are done whole or
// not at all (see Input.Strokes). Hands are used by one goroutine at a time.
type Hands interface {
	Pointing
	// Ready reports whether there is a display to act on. Its error is an
	// ErrNoDisplay with a sentence for the user.
	Ready(ctx context.Context) error
	// Do does in, from stroke in.From on. After each stroke it calls sent with
	// the number of strokes done so far; an error from sent ends Do. When ctx
	// ends, Do returns its error before the next stroke, within 100 ms. It holds
	// no key or button when it returns without error.
	Do(ctx context.Context, in Input, sent func(n int) error) error
	// Sent asks the ledger how many strokes of the input with this mark reached
	// the desktop, also in an earlier process. known is false when the ledger
	// cannot tell, for instance because the desktop is a new one.
	Sent(ctx context.Context, mark string) (n int, known bool, err error)
	// Release lets go of every key and button that is held, whoever pressed it.
	Release(ctx context.Context) error
}

// Pointing is what hands know of the pointer, and of the monitors that it moves
// over. Nothing of it is a stroke. Errors are an ErrNoDisplay or ctx's.
type Pointing interface {
	// Monitors returns the monitors as they are now.
	Monitors(ctx context.Context) ([]contracts.Monitor, error)
	// Pointer returns the pointer's place as the desktop has it, not where it
	// was sent.
	Pointer(ctx context.Context) (Point, error)
	// Move moves the pointer.
	Move(ctx context.Context, p Point) error
}

// Point is a place of the pointer in the display's pixels.
type Point struct{ X, Y int }

// Input is one action as the hands do it.
type Input struct {
	// Mark names the input in the ledger: it is not used again.
	Mark string
	Verb action.Verb // one for which Action.Input is true
	// Frame is the picture that the input was planned on: the places below are
	// those of its elements. It is zero for text that goes on after a crash.
	Frame contracts.Frame
	At    Point  // click, doubleclick, rightclick, hover, drag (from), scroll
	To    Point  // drag
	Text  string // type
	// Secret says that Text must stay unknown: it goes to no clipboard and into no
	// error.
	Secret bool
	Keys   []string // key: modifiers first, the key last
	Down   bool     // scroll: down instead of up
	N      int      // scroll: notches
	// From is the number of strokes that were done before: 0 but for text whose
	// typing a crash cut short.
	From int
}

// Strokes is how many strokes the input consists of: one for each character of
// a text, two for a drag (press, then move and release), one for all others.
func (in Input) Strokes() int {
	switch in.Verb {
	case action.Type:
		return utf8.RuneCountInString(in.Text)
	case action.Drag:
		return 2
	default:
		return 1
	}
}
