package robot

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/go-vgo/robotgo"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/path"
	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

const (
	// settle is the time between a move and what follows it, for programs that
	// react to the pointer.
	settle = 20 * time.Millisecond
	// notchPixels is how far a notch of the wheel scrolls where that is not set.
	notchPixels = 40
)

// Buttons of the pointer, as robotgo calls them.
const (
	left  = "left"
	right = "right"
)

// doing is one input under way.
type doing struct {
	desktop *desktop
	in      actor.Input
	sent    func(n int) error
	clicks  *repeat.Clicks
}

func (o *doing) run(ctx context.Context) error {
	switch o.in.Verb {
	case action.Click:
		return o.click(ctx, func() error { robotgo.Click(left); return nil })
	case action.DoubleClick:
		return o.click(ctx, doubleClick)
	case action.RightClick:
		return o.click(ctx, func() error { robotgo.Click(right); return nil })
	case action.Hover:
		return o.stroke(ctx, 1, func() error { robotgo.Move(o.in.At.X, o.in.At.Y); return nil })
	case action.Drag:
		return o.drag(ctx)
	case action.Scroll:
		return o.at(ctx, o.scroll)
	case action.Type:
		return o.typeText(ctx)
	case action.Key:
		return o.keys(ctx)
	default:
		return fmt.Errorf("%s is no input", o.in.Verb)
	}
}

// stroke does one stroke, unless ctx has ended, and reports it.
func (o *doing) stroke(ctx context.Context, n int, events func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := events(); err != nil {
		return err
	}
	return o.sent(n)
}

// at moves the pointer to the input's place, waits a moment and does one stroke.
func (o *doing) at(ctx context.Context, events func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	robotgo.Move(o.in.At.X, o.in.At.Y)
	if err := wait(ctx, settle); err != nil {
		return err
	}
	return o.stroke(ctx, 1, events)
}

// doubleClick clicks twice. macOS counts clicks in the event, which robotgo does;
// elsewhere robotgo's double click takes longer than a stroke may.
func doubleClick() error {
	if runtime.GOOS == "darwin" {
		robotgo.Click(left, true)
		return nil
	}
	robotgo.Click(left)
	robotgo.Click(left)
	return nil
}

// scroll turns the wheel, which robotgo counts in pixels on macOS.
func (o *doing) scroll() error {
	n := o.in.N
	if runtime.GOOS == "darwin" {
		n *= notchPixels
	}
	if o.in.Down {
		n = -n
	}
	robotgo.Scroll(0, n)
	return nil
}

func (o *doing) drag(ctx context.Context) error {
	if err := o.at(ctx, func() error { return robotgo.Toggle(left) }); err != nil {
		return err
	}
	if err := wait(ctx, path.Hold); err != nil {
		return err
	}
	for _, p := range path.Between(o.in.At, o.in.To) {
		robotgo.Drag(p.X, p.Y, left) //nolint:staticcheck // the function named instead cannot be stopped
		if err := wait(ctx, path.Pause); err != nil {
			return err
		}
	}
	if err := wait(ctx, path.Hold); err != nil {
		return err
	}
	return o.stroke(ctx, 2, func() error { return robotgo.Toggle(left, "up") })
}

// click clicks once the last click at that place is long enough ago.
func (o *doing) click(ctx context.Context, events func() error) error {
	if err := wait(ctx, o.clicks.Rest(o.in.At.X, o.in.At.Y, time.Now())); err != nil {
		return err
	}
	defer func() { o.clicks.Done(o.in.At.X, o.in.At.Y, time.Now()) }()
	return o.at(ctx, events)
}

// wait waits for the pause or until ctx ends.
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
