package readback

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// CloseAll ends every program that has a window on the display, without its
// being asked whether to save, and waits until no window is left.
func CloseAll(ctx context.Context, display string) error {
	c, err := dial(display)
	if err != nil {
		return err
	}
	defer c.close()
	list, err := c.atom("_NET_CLIENT_LIST")
	if err != nil {
		return err
	}
	for {
		windows, err := c.property(c.root, "_NET_CLIENT_LIST")
		if err != nil || len(windows) == 0 {
			return err
		}
		for ; len(windows) >= 4; windows = windows[4:] {
			// an error means that the window is gone already
			_ = xproto.KillClientChecked(c.conn, binary.LittleEndian.Uint32(windows)).Check()
		}
		err = c.await(ctx, func(e xgb.Event) bool {
			change, ok := e.(xproto.PropertyNotifyEvent)
			return ok && change.Atom == list
		})
		if err != nil {
			return fmt.Errorf("wait for windows to close: %w", err)
		}
	}
}
