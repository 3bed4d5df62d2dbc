package xtest

import (
	"context"
	"fmt"
	"time"

	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/keysym"
)

// typeText types one character a stroke, into the window that has the focus at
// the start and no other, or pastes what keys cannot give. Text that was begun
// before goes on in its window only.
func (o *doing) typeText(ctx context.Context) error {
	text := []rune(o.in.Text)
	for _, r := range text {
		if _, ok := keysym.Of(r); !ok && o.in.Secret {
			return actor.ErrCannotType // and not what
		} else if !ok {
			return fmt.Errorf("%w: %U", actor.ErrCannotType, r)
		}
	}
	if err := o.startTyping(); err != nil {
		return err
	}
	if o.pastes(text[o.in.From:]) {
		return o.pasteText(ctx, text)
	}
	return o.typeRunes(ctx, text, o.in.From, len(text))
}

// pastes reports whether a text goes by the clipboard, which a secret never does: when that is set, or when
// it has more characters without a key than there are keys to lend. Then keys would
// have to be lent anew while the text is typed, and a program that is behind would
// take what was pressed before for the new character.
func (o *doing) pastes(text []rune) bool {
	switch {
	case o.typing == TypingKeys || o.in.Secret:
		return false
	case o.typing == TypingClipboard:
		return true
	default:
		return o.display.keys.foreign(text) > len(o.display.keys.spare)
	}
}

// typeRunes presses the keys for a part of the text.
func (o *doing) typeRunes(ctx context.Context, text []rune, from, to int) error {
	shift, err := o.combination(ctx, []string{"shift"})
	if err != nil {
		return err
	}
	for i := from; i < to; i++ {
		if err := wait(ctx, o.pace.pause(text[i], time.Now())); err != nil {
			return err
		}
		p, err := o.key(ctx, text[i])
		if err != nil {
			return err
		}
		if err := o.sameFocus(i, len(text)); err != nil {
			return err
		}
		err = o.stroke(ctx, i+1, func() { o.display.tap(p, shift[0]) })
		if err != nil {
			return err
		}
	}
	return nil
}

// sameFocus reports whether the window that the text goes to still has the focus.
func (o *doing) sameFocus(i, of int) error {
	now, err := o.display.focus()
	if err != nil {
		return fmt.Errorf("after %d of %d characters: %w", i, of, err)
	}
	if now != o.focus {
		return fmt.Errorf("after %d of %d characters: %w", i, of, actor.ErrFocusMoved)
	}
	return nil
}

// startTyping finds the window to type into and the keys to type with.
func (o *doing) startTyping() error {
	locked, err := o.display.readKeys()
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

// combination returns the keys of a combination, waiting for one to become free
// if need be.
func (o *doing) combination(ctx context.Context, names []string) ([]xproto.Keycode, error) {
	for {
		codes, pause, err := o.display.keys.combination(names)
		if err != nil || pause == 0 {
			return codes, err
		}
		if err := wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// readKeys reads the keyboard in the layout that is in use now, and reports
// whether Caps Lock is on: letters would come out in the other case.
func (d *display) readKeys() (locked bool, err error) {
	defer d.patiently()()
	pointer, err := xproto.QueryPointer(d.conn, d.root).Reply()
	if err != nil {
		return false, d.lost(err)
	}
	// Two bits of the state are the group (X Keyboard Extension, section 2.3).
	const groupBit, groups = 13, 4
	if err := d.keys.read(int(pointer.Mask>>groupBit) % groups); err != nil {
		return false, d.lost(err)
	}
	return pointer.Mask&xproto.ModMaskLock != 0, nil
}
