package robot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-vgo/robotgo"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/repeat"
)

// lastASCII is the last character that keyboards have keys for.
const lastASCII = '~'

// typable reports whether robotgo has a way to type r.
func typable(r rune) bool {
	const lastOfPlane = 0xffff
	return r == '\n' || r == '\t' || !unicode.IsControl(r) && r != utf8.RuneError && r <= lastOfPlane
}

// typeText types one character a stroke, into the window that has the focus at
// the start and no other.
func (o *doing) typeText(ctx context.Context) error {
	text := []rune(o.in.Text)
	for _, r := range text {
		if !typable(r) {
			return fmt.Errorf("%w: %U", actor.ErrCannotType, r)
		}
	}
	if o.in.From > 0 {
		return fmt.Errorf("after %d characters: %w", o.in.From, actor.ErrFocusMoved)
	}
	window, err := o.desktop.focus()
	if err != nil {
		return err
	}
	if err := errors.Join(o.desktop.keyboard(), o.desktop.capsLock()); err != nil {
		return err
	}
	pace := pace{last: map[rune]time.Time{}}
	for i, r := range text {
		if err := wait(ctx, pace.pause(r, time.Now())); err != nil {
			return err
		}
		now, err := o.desktop.focus()
		if err != nil {
			return fmt.Errorf("after %d of %d characters: %w", i, len(text), err)
		}
		if now != window {
			return fmt.Errorf("after %d of %d characters: %w", i, len(text), actor.ErrFocusMoved)
		}
		if err := o.stroke(ctx, i+1, func() error { return typeRune(r) }); err != nil {
			return err
		}
	}
	return nil
}

func typeRune(r rune) error {
	switch r {
	case '\n':
		return robotgo.KeyTap("enter")
	case '\t':
		return robotgo.KeyTap("tab")
	default:
		robotgo.TypeStr(string(r))
		return nil
	}
}

// pace keeps when characters were typed last.
type pace struct {
	last map[rune]time.Time
	lent rune // what the key for characters without one stands for
}

// pause is how long to wait before r is typed now, and counts it as typed then:
// a character that is no letter or space is not repeated at once, and the key for
// characters without one is not changed at once.
func (p *pace) pause(r rune, now time.Time) time.Duration {
	rest := repeat.Rest(r, p.last[r], now)
	if r > lastASCII {
		if p.lent != 0 && p.lent != r {
			rest = max(rest, lending-now.Sub(p.last[p.lent]))
		}
		p.lent = r
	}
	p.last[r] = now.Add(rest)
	return rest
}

// keys presses a combination of keys in the window that has the focus.
func (o *doing) keys(ctx context.Context) error {
	if _, err := o.desktop.focus(); err != nil {
		return err
	}
	if err := o.desktop.keyboard(); err != nil {
		return err
	}
	last := len(o.in.Keys) - 1
	if last < 0 {
		return fmt.Errorf("%w: no key is named", actor.ErrCannotType)
	}
	names := make([]string, 0, len(o.in.Keys))
	for i, name := range o.in.Keys { // robotgo takes a name that it does not know for key 0
		if !slices.Contains(action.Modifiers(), name) && (i < last || !action.ValidKey(name)) {
			return fmt.Errorf("%w: there is no key called %q", actor.ErrCannotType, name)
		}
		names = append(names, called(name))
	}
	return o.stroke(ctx, 1, func() error {
		if err := robotgo.KeyTap(names[last], names[:last]); err != nil {
			return fmt.Errorf("%w: this keyboard has no key %q: %w", actor.ErrCannotType, o.in.Keys[last], err)
		}
		return nil
	})
}

// called is what robotgo calls a key of the action language.
func called(key string) string {
	if key == "super" {
		return "cmd"
	}
	return key
}
