// Package readback reads what stands in another program's window, so that a
// task can be judged by its effect instead of by the agent's word.
//
// It asks the program itself, the way a person would: select all or copy, then
// read the X11 selection (ICCCM 2.0, section 2). Nothing is read off the
// picture of the screen.
package readback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// ErrNoWindow means that no window of that program is open.
var ErrNoWindow = errors.New("no such window is open")

// settle is how long a program may take to select its text. One that holds no
// text selects nothing, so this is also what reading an empty window costs.
const settle = 2 * time.Second

// Text returns the text that stands in the window of the program with the
// given WM_CLASS (either part of it, in any case) on the given X display. The
// window is raised, focused and its text selected; the cursor ends behind the
// text. The display's cookie is found by $XAUTHORITY.
func Text(ctx context.Context, display, class string) (string, error) {
	c, err := focused(ctx, display, class)
	if err != nil {
		return "", err
	}
	defer c.close()
	selected, err := c.take(ctx, xproto.AtomPrimary, keysymControl, keysymA)
	if err != nil || !selected {
		return "", err
	}
	text, err := c.text(ctx, xproto.AtomPrimary)
	if err != nil {
		return "", err
	}
	return text, c.press(keysymRight)
}

// Copied returns what the program puts on the clipboard at ctrl+c: for a
// calculator, the number on its display. It is "" when the program copies nothing.
func Copied(ctx context.Context, display, class string) (string, error) {
	c, err := focused(ctx, display, class)
	if err != nil {
		return "", err
	}
	defer c.close()
	clipboard, err := c.atom("CLIPBOARD")
	if err != nil {
		return "", err
	}
	copied, err := c.take(ctx, clipboard, keysymControl, keysymC)
	if err != nil || !copied {
		return "", err
	}
	return c.text(ctx, clipboard)
}

// focused connects to the display and gives the program's window the focus.
func focused(ctx context.Context, display, class string) (*client, error) {
	c, err := dial(display)
	if err != nil {
		return nil, err
	}
	window, err := c.find(class)
	if err == nil {
		err = c.activate(ctx, window)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// client is a connection to the X server with a window of its own, which owns
// the selection until the program takes it.
type client struct {
	conn   *xgb.Conn
	root   xproto.Window
	own    xproto.Window
	events chan xgb.Event
}

func dial(display string) (*client, error) {
	// xgb writes notices to standard error that say nothing its errors do not.
	xgb.Logger.SetOutput(io.Discard)
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, fmt.Errorf("connect to the display %s: %w", display, err)
	}
	c := &client{conn: conn, events: make(chan xgb.Event, 64)}
	if err := c.setup(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("prepare the display %s: %w", display, err)
	}
	go c.receive()
	return c, nil
}

func (c *client) setup() error {
	if err := xtest.Init(c.conn); err != nil {
		return fmt.Errorf("the XTEST extension: %w", err)
	}
	if err := xfixes.Init(c.conn); err != nil {
		return fmt.Errorf("the XFIXES extension: %w", err)
	}
	// The server offers only the version that a client has asked for; watching selections is in the first.
	if _, err := xfixes.QueryVersion(c.conn, 1, 0).Reply(); err != nil {
		return fmt.Errorf("the XFIXES extension: %w", err)
	}
	s := xproto.Setup(c.conn).DefaultScreen(c.conn)
	c.root = s.Root
	own, err := xproto.NewWindowId(c.conn)
	if err != nil {
		return err
	}
	c.own = own
	if err := xproto.CreateWindowChecked(c.conn, 0, own, c.root, -1, -1, 1, 1, 0,
		xproto.WindowClassInputOnly, s.RootVisual, 0, nil).Check(); err != nil {
		return err
	}
	return xproto.ChangeWindowAttributesChecked(c.conn, c.root,
		xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
}

// receive hands on the events until the connection closes.
func (c *client) receive() {
	defer close(c.events)
	for {
		event, err := c.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
		if event == nil {
			continue
		}
		select {
		case c.events <- event:
		default: // nobody waits for this many: they are old news
		}
	}
}

func (c *client) close() {
	c.conn.Close()
	for range c.events { // until receive has ended
	}
}

// errSilence means that nothing came of what was done.
var errSilence = fmt.Errorf("nothing happened within %s", settle)

// await returns when ok has taken an event, with errSilence when none comes.
func (c *client) await(ctx context.Context, ok func(xgb.Event) bool) error {
	timer := time.NewTimer(settle)
	defer timer.Stop()
	for {
		select {
		case event, open := <-c.events:
			if !open {
				return errors.New("the display closed the connection")
			}
			if ok(event) {
				return nil
			}
		case <-timer.C:
			return errSilence
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
