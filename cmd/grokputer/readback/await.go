package readback

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// startTimeout is how long a program may take to show a window.
const startTimeout = 20 * time.Second

// Await returns when a window is on the display.
func Await(ctx context.Context, display string) error {
	c, err := dial(display)
	if err != nil {
		return err
	}
	defer c.close()
	list, err := c.atom("_NET_CLIENT_LIST")
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(startTimeout); ; {
		windows, err := c.property(c.root, "_NET_CLIENT_LIST")
		if err != nil || len(windows) > 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no window came within %s", startTimeout)
		}
		err = c.await(ctx, func(e xgb.Event) bool {
			change, ok := e.(xproto.PropertyNotifyEvent)
			return ok && change.Atom == list
		})
		if err != nil && !errors.Is(err, errSilence) {
			return fmt.Errorf("wait for a window: %w", err)
		}
	}
}

// Selection returns the text of a selection, CLIPBOARD or PRIMARY, as its owner
// has it; "" when nobody owns it.
func Selection(ctx context.Context, display, name string) (string, error) {
	c, err := dial(display)
	if err != nil {
		return "", err
	}
	defer c.close()
	selection, err := c.atom(name)
	if err != nil {
		return "", err
	}
	owner, err := xproto.GetSelectionOwner(c.conn, selection).Reply()
	if err != nil || owner.Owner == xproto.WindowNone {
		return "", err
	}
	return c.text(ctx, selection)
}
