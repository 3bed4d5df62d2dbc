package xtest

import (
	"context"
	"fmt"
	"time"

	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/actor"
)

// typeText types one character a stroke, into the window that has the focus at
// the start and no other. Text that was begun before goes on in its window only.
func (o *doing) typeText(ctx context.Context) error {
	text := []rune(o.in.Text)
	for _, r := range text {
		if _, ok := keysym(r); !ok {
			return fmt.Errorf("%w: %U", actor.ErrCannotType, r)
		}
	}
	if err := o.startTyping(); err != nil {
		return err
	}
	shift, err := o.display.keys.combination([]string{"shift"})
	if err != nil {
		return err
	}
	pace := pace{}
	for i := o.in.From; i < len(text); i++ {
		if err := wait(ctx, pace.pause(text[i], time.Now())); err != nil {
			return err
		}
		p, err := o.key(ctx, text[i])
		if err != nil {
			return err
		}
		now, err := o.display.focus()
		if err != nil {
			return fmt.Errorf("after %d of %d characters: %w", i, len(text), err)
		}
		if now != o.focus {
			return fmt.Errorf("after %d of %d characters: %w", i, len(text), actor.ErrFocusMoved)
		}
		err = o.stroke(ctx, i+1, func() { o.display.tap(p, shift[0]) })
		if err != nil {
			return err
		}
	}
	return nil
}

// startTyping finds the window to type into.
func (o *doing) startTyping() error {
	locked, err := o.display.capsLocked()
	if err != nil {
		return err
	}
	if locked {
		return fmt.Errorf("%w: Caps Lock is on: turn it off", actor.ErrCannotType)
	}
	if o.focus, err = o.display.focus(); err != nil {
		return err
	}
	if o.in.From > 0 {
		before, err := o.display.read()
		if err != nil {
			return err
		}
		if before.mark != o.in.Mark || before.focus != o.focus {
			return fmt.Errorf("after %d characters: %w", o.in.From, actor.ErrFocusMoved)
		}
	}
	return o.begin()
}

// key returns the key for a character, waiting for one to become free if need be.
func (o *doing) key(ctx context.Context, r rune) (press, error) {
	for {
		p, pause, err := o.display.keys.rune(r)
		if err != nil || pause == 0 {
			return p, err
		}
		if err := wait(ctx, pause); err != nil {
			return press{}, err
		}
	}
}

// capsLocked reports whether letters would come out in the other case.
func (d *display) capsLocked() (bool, error) {
	defer d.patiently()()
	pointer, err := xproto.QueryPointer(d.conn, d.root).Reply()
	if err != nil {
		return false, d.lost(err)
	}
	return pointer.Mask&xproto.ModMaskLock != 0, nil
}
