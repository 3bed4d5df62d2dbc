//go:build !darwin && !windows

package robot

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/xmonitor"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
)

// lending is how long the key for characters without one keeps one at least: a
// program looks it up when it handles the event, which may be later.
const lending = 200 * time.Millisecond

// What robotgo takes a keyboard for: keys that give the first character alone and
// the second with shift, and keys without a character, by their symbols
// (X11/keysymdef.h): enter, tab, escape, backspace, delete, insert, home, left, up,
// right, down, pageup, pagedown, end, f1 to f12, shift, ctrl, alt, super.
const (
	plain   = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
	shifted = "~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?"
	named   = "\x0d\x09\x1b\x08\xff\x63\x50\x51\x52\x53\x54\x55\x56\x57" +
		"\xbe\xbf\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xe1\xe3\xe9\xeb"
	namedBase = 0xff00
)

// desktop is what can be seen of the desktop while an input is done.
type desktop struct {
	conn    *xgb.Conn
	root    xproto.Window
	drained chan struct{}
}

// look connects to the display that robotgo will use. Its errors are
// actor.ErrNoDisplay.
func look(ctx context.Context) (*desktop, error) {
	name := os.Getenv("DISPLAY")
	if name == "" { // robotgo would try :0
		return nil, fmt.Errorf("%w: DISPLAY is not set", actor.ErrNoDisplay)
	}
	wire, err := xwire.Dial(ctx, name, "")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", actor.ErrNoDisplay, err)
	}
	conn, err := xgb.NewConnNet(wire)
	if err != nil {
		_ = wire.Close() // the first error says it all
		return nil, fmt.Errorf("%w: the display %s does not let us in: %w", actor.ErrNoDisplay, name, err)
	}
	d := &desktop{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, drained: make(chan struct{})}
	go d.drain()
	return d, nil
}

// drain throws away events, such as notices of changed keys.
func (d *desktop) drain() {
	defer close(d.drained)
	for {
		if event, err := d.conn.WaitForEvent(); event == nil && err == nil {
			return
		}
	}
}

func (d *desktop) close() {
	d.conn.Close()
	<-d.drained
}

func (*desktop) lost(err error) error {
	return fmt.Errorf("%w: the X server does not answer: %w", actor.ErrNoDisplay, err)
}

// focus returns the window that keys go to, or an actor.ErrNoFocus. Under a window
// manager that is the active window, inside which programs move the focus as they
// like; when no program has the focus, the manager's own window has it.
func (d *desktop) focus() (xproto.Window, error) {
	reply, err := xproto.GetInputFocus(d.conn).Reply()
	if err != nil {
		return 0, d.lost(err)
	}
	switch reply.Focus {
	case xproto.InputFocusNone, xproto.InputFocusPointerRoot, d.root:
		return 0, actor.ErrNoFocus
	}
	manager, _, err := d.window("_NET_SUPPORTING_WM_CHECK")
	if err != nil {
		return 0, err
	}
	active, managed, err := d.window("_NET_ACTIVE_WINDOW")
	switch {
	case err != nil:
		return 0, err
	case manager == reply.Focus, managed && active == xproto.WindowNone:
		return 0, actor.ErrNoFocus
	case managed:
		return active, nil
	default:
		return reply.Focus, nil
	}
}

// monitors are those that the X server has.
func (d *desktop) monitors() ([]contracts.Monitor, error) {
	if err := xmonitor.Prepare(d.conn); err != nil {
		return nil, d.lost(err)
	}
	monitors, err := xmonitor.List(d.conn)
	if err != nil {
		return nil, d.lost(err)
	}
	return monitors, nil
}

// window reads a property of the root window that names a window.
func (d *desktop) window(name string) (w xproto.Window, found bool, err error) {
	atom, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, false, d.lost(err)
	}
	reply, err := xproto.GetProperty(d.conn, false, d.root, atom.Atom, xproto.AtomWindow, 0, 1).Reply()
	if err != nil {
		return 0, false, d.lost(err)
	}
	if len(reply.Value) < 4 {
		return 0, false, nil
	}
	return xproto.Window(xgb.Get32(reply.Value)), true, nil
}

// keyboard tells why robotgo would press other keys than it should: then text
// comes out wrong, or Xlib ends the process.
func (d *desktop) keyboard() error {
	setup := xproto.Setup(d.conn)
	reply, err := xproto.GetKeyboardMapping(d.conn, setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)).Reply()
	if err != nil {
		return d.lost(err)
	}
	missing := map[[2]xproto.Keysym]bool{}
	for i := range len(plain) {
		missing[[2]xproto.Keysym{xproto.Keysym(plain[i]), xproto.Keysym(shifted[i])}] = true
	}
	for i := range len(named) {
		missing[[2]xproto.Keysym{namedBase + xproto.Keysym(named[i])}] = true
	}
	for row := range slices.Chunk(reply.Keysyms, max(2, int(reply.KeysymsPerKeycode))) {
		delete(missing, [2]xproto.Keysym{row[0], row[1]})
		delete(missing, [2]xproto.Keysym{row[0]})
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: the keyboard is not a US one: choose that layout", actor.ErrCannotType)
	}
	return nil
}

// capsLock tells that letters would come out in the other case.
func (d *desktop) capsLock() error {
	reply, err := xproto.QueryPointer(d.conn, d.root).Reply()
	if err != nil {
		return d.lost(err)
	}
	if reply.Mask&xproto.ModMaskLock != 0 {
		return fmt.Errorf("%w: Caps Lock is on: turn it off", actor.ErrCannotType)
	}
	return nil
}
