package readback

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// X11 key symbols (keysymdef.h).
const (
	keysymControl xproto.Keysym = 0xffe3
	keysymRight   xproto.Keysym = 0xff53
	keysymA       xproto.Keysym = 'a'
	keysymC       xproto.Keysym = 'c'
)

// take presses keys that have the program own a selection, and reports whether
// it did. Our own window owns the selection before, so that a change of owner
// is seen; that nobody owns it is none: a program may still be giving up what
// it had selected when the keys reach it.
func (c *client) take(ctx context.Context, selection xproto.Atom, keys ...xproto.Keysym) (bool, error) {
	err := xfixes.SelectSelectionInputChecked(c.conn, c.own, selection,
		xfixes.SelectionEventMaskSetSelectionOwner).Check()
	if err != nil {
		return false, fmt.Errorf("watch the selection: %w", err)
	}
	err = xproto.SetSelectionOwnerChecked(c.conn, c.own, selection, xproto.TimeCurrentTime).Check()
	if err != nil {
		return false, fmt.Errorf("own the selection: %w", err)
	}
	if err := c.press(keys...); err != nil {
		return false, err
	}
	err = c.await(ctx, func(e xgb.Event) bool {
		change, ok := e.(xfixes.SelectionNotifyEvent)
		return ok && change.Selection == selection && change.Owner != c.own && change.Owner != xproto.WindowNone
	})
	if errors.Is(err, errSilence) {
		return false, nil
	}
	return err == nil, err
}

// text asks the selection's owner for its text as UTF-8.
func (c *client) text(ctx context.Context, selection xproto.Atom) (string, error) {
	target, err := c.atom("UTF8_STRING")
	if err != nil {
		return "", err
	}
	const name = "GROKPUTER_READBACK"
	property, err := c.atom(name)
	if err != nil {
		return "", err
	}
	err = xproto.ConvertSelectionChecked(c.conn, c.own, selection, target, property, xproto.TimeCurrentTime).Check()
	if err != nil {
		return "", fmt.Errorf("ask for the selection: %w", err)
	}
	var notify xproto.SelectionNotifyEvent
	err = c.await(ctx, func(e xgb.Event) (ok bool) {
		notify, ok = e.(xproto.SelectionNotifyEvent)
		return ok
	})
	if err != nil {
		return "", fmt.Errorf("wait for the text: %w", err)
	}
	if notify.Property == xproto.AtomNone {
		return "", errors.New("the program did not hand over its text")
	}
	reply, err := xproto.GetProperty(c.conn, true, c.own, property, xproto.GetPropertyTypeAny, 0, maxProperty).Reply()
	if err != nil {
		return "", fmt.Errorf("read the selection: %w", err)
	}
	if reply.Type != target {
		// INCR: the text comes in pieces, which only happens far above what a task types.
		return "", errors.New("the text is too long to be read back")
	}
	return string(reply.Value), nil
}

// press presses keys in order and releases them in reverse.
func (c *client) press(keys ...xproto.Keysym) error {
	codes := make([]xproto.Keycode, len(keys))
	for i, key := range keys {
		code, err := c.keycode(key)
		if err != nil {
			return err
		}
		codes[i] = code
	}
	for _, code := range codes {
		if err := c.fake(xproto.KeyPress, code); err != nil {
			return err
		}
	}
	for _, code := range slices.Backward(codes) {
		if err := c.fake(xproto.KeyRelease, code); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) fake(kind byte, code xproto.Keycode) error {
	if err := xtest.FakeInputChecked(c.conn, kind, byte(code), 0, c.root, 0, 0, 0).Check(); err != nil {
		return fmt.Errorf("press a key: %w", err)
	}
	return nil
}

// keycode finds the key of the keyboard that gives a symbol.
func (c *client) keycode(key xproto.Keysym) (xproto.Keycode, error) {
	s := xproto.Setup(c.conn)
	count := byte(s.MaxKeycode - s.MinKeycode + 1)
	m, err := xproto.GetKeyboardMapping(c.conn, s.MinKeycode, count).Reply()
	if err != nil {
		return 0, fmt.Errorf("read the keyboard: %w", err)
	}
	per := int(m.KeysymsPerKeycode)
	for i := range int(count) {
		if m.Keysyms[i*per] == key {
			return s.MinKeycode + xproto.Keycode(i), nil
		}
	}
	return 0, fmt.Errorf("the keyboard has no key with the symbol %#x", uint32(key))
}
