package xtest

import (
	"context"
	"fmt"
	"time"

	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/clipboard"
	"github.com/grokputer/grokputer/services/actor/internal/path"
	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

// settle is the time between a move and what follows it, for programs that react
// to the pointer.
const settle = 20 * time.Millisecond

// Buttons of the pointer.
const (
	left       = 1
	right      = 3
	scrollUp   = 4
	scrollDown = 5
)

// doing is one input under way.
type doing struct {
	display *display
	in      actor.Input
	sent    func(n int) error
	typing  Typing
	clip    func() (*clipboard.Clipboard, error)
	clicks  *repeat.Clicks
	pace    pace
	focus   xproto.Window // of typed text and keys
	n       int           // strokes sent
}

func (o *doing) run(ctx context.Context) error {
	switch o.in.Verb {
	case action.Click:
		return o.click(ctx, left, 1)
	case action.DoubleClick:
		return o.click(ctx, left, 2)
	case action.RightClick:
		return o.click(ctx, right, 1)
	case action.Hover:
		return o.hover(ctx)
	case action.Drag:
		return o.drag(ctx)
	case action.Scroll:
		return o.scroll(ctx)
	case action.Type:
		return o.typeText(ctx)
	case action.Key:
		return o.keys(ctx)
	default:
		return fmt.Errorf("%s is no input", o.in.Verb)
	}
}

// begin makes the ledger ready for this input, before its first stroke.
func (o *doing) begin() error {
	o.display.claim()
	o.n = o.in.From
	o.display.write(o.entry())
	return o.display.sync()
}

// entry is what the ledger says of this input now.
func (o *doing) entry() entry { return entry{mark: o.in.Mark, n: o.n, focus: o.focus} }

// stroke sends events and the ledger's entry about them in one write, waits
// until the server has them, and reports them.
func (o *doing) stroke(ctx context.Context, n int, events func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := o.display.wire.Burst(func() { o.noted(n, events) })
	if err != nil {
		return o.display.lost(err)
	}
	if err := o.display.sync(); err != nil {
		return err
	}
	return o.sent(n)
}

// noted sends events between two entries: a busy server that sees that our process
// has ended throws away what it has not carried out, be it in the middle of a stroke.
func (o *doing) noted(n int, events func()) {
	doubt := o.entry()
	doubt.doubt = true
	o.display.write(doubt)
	events()
	o.n = n
	o.display.write(o.entry())
}

// moveTo moves the pointer and waits a moment.
func (o *doing) moveTo(ctx context.Context, p actor.Point, pause time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.display.motion(p)
	if err := o.display.sync(); err != nil {
		return err
	}
	return wait(ctx, pause)
}

func (o *doing) hover(ctx context.Context) error {
	if err := o.begin(); err != nil {
		return err
	}
	return o.stroke(ctx, 1, func() { o.display.motion(o.in.At) })
}

func (o *doing) click(ctx context.Context, button byte, times int) error {
	if err := o.begin(); err != nil {
		return err
	}
	if err := o.moveTo(ctx, o.in.At, settle); err != nil {
		return err
	}
	if err := wait(ctx, o.clicks.Rest(o.in.At.X, o.in.At.Y, time.Now())); err != nil {
		return err
	}
	defer func() { o.clicks.Done(o.in.At.X, o.in.At.Y, time.Now()) }()
	// The clicks of one stroke come together: that is within any double-click time.
	return o.stroke(ctx, 1, func() {
		for range times {
			o.display.button(button, true)
			o.display.button(button, false)
		}
	})
}

func (o *doing) scroll(ctx context.Context) error {
	if err := o.begin(); err != nil {
		return err
	}
	if err := o.moveTo(ctx, o.in.At, settle); err != nil {
		return err
	}
	button := byte(scrollUp)
	if o.in.Down {
		button = scrollDown
	}
	return o.stroke(ctx, 1, func() {
		for range o.in.N {
			o.display.button(button, true)
			o.display.button(button, false)
		}
	})
}

// drag presses, travels as a hand does, and lets go. Programs begin to drag when
// the pointer has left the place of the press, and see what is below it as it
// comes by and while it rests before the end.
func (o *doing) drag(ctx context.Context) error {
	if err := o.begin(); err != nil {
		return err
	}
	if err := o.moveTo(ctx, o.in.At, settle); err != nil {
		return err
	}
	if err := o.stroke(ctx, 1, func() { o.display.button(left, true) }); err != nil {
		return err
	}
	if err := wait(ctx, path.Hold); err != nil {
		return err
	}
	for _, p := range path.Between(o.in.At, o.in.To) {
		if err := o.moveTo(ctx, p, path.Pause); err != nil {
			return err
		}
	}
	if err := wait(ctx, path.Hold); err != nil {
		return err
	}
	return o.stroke(ctx, 2, func() { o.display.button(left, false) })
}

func (o *doing) keys(ctx context.Context) error {
	if _, err := o.display.readKeys(); err != nil {
		return err
	}
	codes, err := o.combination(ctx, o.in.Keys)
	if err != nil {
		return err
	}
	if o.focus, err = o.display.focus(); err != nil {
		return err
	}
	if err := o.begin(); err != nil {
		return err
	}
	return o.stroke(ctx, 1, func() { o.display.chord(codes) })
}

// wait pauses, or returns ctx's error when that ends first.
func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
