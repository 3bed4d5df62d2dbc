package readback

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// maxProperty is how many 4-byte words of a property are read.
const maxProperty = 1 << 20

// find returns the topmost-listed window of a program.
func (c *client) find(class string) (xproto.Window, error) {
	list, err := c.property(c.root, "_NET_CLIENT_LIST")
	if err != nil {
		return 0, err
	}
	for i := len(list) - 4; i >= 0; i -= 4 {
		window := xproto.Window(binary.LittleEndian.Uint32(list[i:]))
		names, err := c.property(window, "WM_CLASS")
		if err != nil {
			continue // it closed meanwhile
		}
		for name := range strings.SplitSeq(string(names), "\x00") {
			if strings.EqualFold(name, class) {
				return window, nil
			}
		}
	}
	return 0, fmt.Errorf("%w: %s", ErrNoWindow, class)
}

// activate asks the window manager to give window the focus (EWMH 1.5,
// _NET_ACTIVE_WINDOW) and waits until it has it.
func (c *client) activate(ctx context.Context, window xproto.Window) error {
	name, err := c.atom("_NET_ACTIVE_WINDOW")
	if err != nil {
		return err
	}
	const fromPager = 2 // source indication: the user's wish, not a program's
	event := xproto.ClientMessageEvent{
		Format: 32, Window: window, Type: name,
		Data: xproto.ClientMessageDataUnionData32New([]uint32{fromPager, 0, 0, 0, 0}),
	}
	const mask = xproto.EventMaskSubstructureRedirect | xproto.EventMaskSubstructureNotify
	if err := xproto.SendEventChecked(c.conn, false, c.root, mask, string(event.Bytes())).Check(); err != nil {
		return fmt.Errorf("ask for the focus: %w", err)
	}
	active := func() bool {
		now, err := c.property(c.root, "_NET_ACTIVE_WINDOW")
		return err == nil && len(now) >= 4 && xproto.Window(binary.LittleEndian.Uint32(now)) == window
	}
	if active() {
		return nil
	}
	err = c.await(ctx, func(e xgb.Event) bool {
		change, ok := e.(xproto.PropertyNotifyEvent)
		return ok && change.Atom == name && active()
	})
	if err != nil {
		return fmt.Errorf("give the window the focus: %w", err)
	}
	return nil
}

// property reads a whole property of a window; a property that is not set is empty.
func (c *client) property(window xproto.Window, name string) ([]byte, error) {
	a, err := c.atom(name)
	if err != nil {
		return nil, err
	}
	reply, err := xproto.GetProperty(c.conn, false, window, a, xproto.GetPropertyTypeAny, 0, maxProperty).Reply()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return reply.Value, nil
}

// atom is the server's number for a name.
func (c *client) atom(name string) (xproto.Atom, error) {
	reply, err := xproto.InternAtom(c.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, fmt.Errorf("the atom %s: %w", name, err)
	}
	return reply.Atom, nil
}
