package robot

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-vgo/robotgo"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

// Hands act on the desktop of the process. They are safe for concurrent use, one
// input at a time. The zero value is ready for use.
type Hands struct {
	mu     sync.Mutex // robotgo is for one thread at a time
	clicks repeat.Clicks
}

var _ actor.Hands = (*Hands)(nil)

// use runs f while robotgo may be connected to the display.
func (h *Hands) use(ctx context.Context, f func(*desktop) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	d, err := look(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	defer robotgo.CloseMainDisplay()
	return f(d)
}

// Ready implements actor.Hands.
func (h *Hands) Ready(ctx context.Context) error {
	return h.use(ctx, func(*desktop) error { return nil })
}

// Sent implements actor.Hands: it is never known.
func (*Hands) Sent(ctx context.Context, _ string) (n int, known bool, err error) {
	return 0, false, ctx.Err()
}

// Do implements actor.Hands. It goes on with no text: without a ledger it cannot
// tell whether the window with the focus is the one where the text was begun, so
// the error is then an actor.ErrFocusMoved.
func (h *Hands) Do(ctx context.Context, in actor.Input, sent func(n int) error) error {
	if in.From < 0 || in.From > in.Strokes() {
		return fmt.Errorf("input %s starts at stroke %d of %d", in.Mark, in.From, in.Strokes())
	}
	return h.use(ctx, func(d *desktop) error {
		return (&doing{desktop: d, in: in, sent: sent, clicks: &h.clicks}).run(ctx)
	})
}

// Release implements actor.Hands for the modifiers and buttons that Do presses.
// Where Do cannot press keys, the error says why after the buttons are up.
func (h *Hands) Release(ctx context.Context) error {
	return h.use(ctx, func(d *desktop) error {
		err := errors.Join(robotgo.Toggle(left, "up"), robotgo.Toggle(right, "up"), d.keyboard())
		if err != nil {
			return err
		}
		for _, key := range action.Modifiers() {
			if err := robotgo.KeyToggle(called(key), "up"); err != nil {
				return fmt.Errorf("let go of %s: %w", key, err)
			}
		}
		return nil
	})
}
