package xtest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"github.com/grokputer/grokputer/kit/xmonitor"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
)

// display is one connection to the X server.
type display struct {
	wire  *xwire.Conn
	conn  *xgb.Conn
	root  xproto.Window
	keys  *keyboard
	atoms atoms
	// fresh: when we connected, the server held no ledger, so it cannot know of
	// input from before.
	fresh bool
	// own is a window of ours, which is never shown: who has these hands owns the
	// selection atoms.owner with one.
	own      xproto.Window
	patience time.Duration // how long the server may take to answer
	gone     chan struct{} // closed when the connection has ended
}

// atoms are the interned names that are used.
type atoms struct {
	ledger, lent, owner, active, check, state, name xproto.Atom
}

// open connects and prepares the ledger. Its errors are actor.ErrNoDisplay.
func open(ctx context.Context, o Options) (*display, error) {
	d, err := dial(ctx, o)
	if err != nil {
		return nil, err
	}
	defer d.patiently()()
	if err := d.prepare(); err != nil {
		d.close()
		return nil, fmt.Errorf("%w: the display %s cannot be used: %w", actor.ErrNoDisplay, o.Display, err)
	}
	return d, nil
}

// dial connects. Its errors are actor.ErrNoDisplay.
func dial(ctx context.Context, o Options) (*display, error) {
	if o.Display == "" {
		return nil, fmt.Errorf("%w: DISPLAY is not set", actor.ErrNoDisplay)
	}
	w, err := xwire.Dial(ctx, o.Display, o.Authority)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", actor.ErrNoDisplay, err)
	}
	// xgb writes notices to standard error that say nothing the errors do not.
	xgb.Logger.SetOutput(io.Discard)
	d := &display{wire: w, patience: o.Patience, gone: make(chan struct{})}
	defer d.patiently()()
	conn, err := xgb.NewConnNet(w)
	if err != nil {
		_ = w.Close() // the first error says it all
		return nil, fmt.Errorf("%w: the display %s does not let us in: %w", actor.ErrNoDisplay, o.Display, err)
	}
	d.conn = conn
	go d.drain()
	return d, nil
}

// prepare reads what stays the same and starts a ledger where there is none.
func (d *display) prepare() error {
	if err := xtest.Init(d.conn); err != nil {
		return fmt.Errorf("it lacks the XTEST extension: %w", err)
	}
	if err := xmonitor.Prepare(d.conn); err != nil {
		return err
	}
	d.root = xproto.Setup(d.conn).DefaultScreen(d.conn).Root
	for name, atom := range map[string]*xproto.Atom{
		"_GROKPUTER_STROKES":       &d.atoms.ledger,
		"_GROKPUTER_KEYS":          &d.atoms.lent,
		"_GROKPUTER_HANDS":         &d.atoms.owner,
		"_NET_ACTIVE_WINDOW":       &d.atoms.active,
		"_NET_SUPPORTING_WM_CHECK": &d.atoms.check,
		"WM_STATE":                 &d.atoms.state,
		"_NET_WM_NAME":             &d.atoms.name,
	} {
		reply, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return fmt.Errorf("intern %s: %w", name, err)
		}
		*atom = reply.Atom
	}
	own, err := xproto.NewWindowId(d.conn)
	if err != nil {
		return fmt.Errorf("name a window: %w", err)
	}
	d.own = own
	xproto.CreateWindow(d.conn, 0, d.own, d.root, -1, -1, 1, 1, 0, xproto.WindowClassInputOnly, xproto.WindowClassCopyFromParent, 0, nil)
	lent, err := d.property(d.root, d.atoms.lent)
	if err != nil {
		return fmt.Errorf("read which keys are lent: %w", err)
	}
	d.keys = &keyboard{conn: d.conn, root: d.root, noted: d.atoms.lent}
	d.keys.remember(lent)
	text, err := d.property(d.root, d.atoms.ledger)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	if text == nil {
		d.fresh = true
		d.write(entry{})
	}
	return d.sync()
}

// claim has the server know whose input is on record from now on.
func (d *display) claim() {
	xproto.SetSelectionOwner(d.conn, d.own, d.atoms.owner, xproto.TimeCurrentTime)
}

// takeOver ends the connection of whoever made the last input, if that is not ours. A
// process that was killed may have left strokes behind that a busy server has not read
// yet: it now never will, so that the ledger stays as it is.
func (d *display) takeOver() error {
	defer d.patiently()()
	reply, err := xproto.GetSelectionOwner(d.conn, d.atoms.owner).Reply()
	if err != nil {
		return d.lost(err)
	}
	if reply.Owner == xproto.WindowNone || reply.Owner == d.own {
		return nil
	}
	xproto.KillClient(d.conn, uint32(reply.Owner)) // it may be gone by now, which is as well
	return d.sync()
}

// drain throws away events, such as notices of changed keys, and errors of
// requests that nobody waits for.
func (d *display) drain() {
	defer close(d.gone)
	for {
		if event, err := d.conn.WaitForEvent(); event == nil && err == nil {
			return
		}
	}
}

// alive reports whether the connection stands.
func (d *display) alive() bool {
	select {
	case <-d.gone:
		return false
	default:
		return true
	}
}

func (d *display) close() {
	d.conn.Close()
	<-d.gone
}

// patiently ends the connection when the server does not answer in time: xgb
// itself waits for ever. What it returns is called when the answer is there.
func (d *display) patiently() func() {
	set := func(deadline time.Time) { _ = d.wire.SetReadDeadline(deadline) } // it may be closed already
	set(time.Now().Add(d.patience))
	return func() { set(time.Time{}) }
}

// sync waits until the server has carried out all that was sent.
func (d *display) sync() error {
	defer d.patiently()()
	if _, err := xproto.GetInputFocus(d.conn).Reply(); err != nil {
		return d.lost(err)
	}
	return nil
}

// lost is the error of a request that the server did not answer.
func (d *display) lost(err error) error {
	return fmt.Errorf("%w: the X server does not answer: %w", actor.ErrNoDisplay, err)
}

// property reads a property, nil when the window has none of that name.
func (d *display) property(w xproto.Window, name xproto.Atom) ([]byte, error) {
	defer d.patiently()()
	const most = 1024 // four-byte units: more than any property read here has
	reply, err := xproto.GetProperty(d.conn, false, w, name, xproto.GetPropertyTypeAny, 0, most).Reply()
	if err != nil {
		return nil, d.lost(err)
	}
	if reply.Type == xproto.AtomNone {
		return nil, nil
	}
	return reply.Value, nil
}

// focus returns the top-level window that keys go to, or an actor.ErrNoFocus. When no
// program has the focus, window managers give it to a window of their own: the
// one that says they are there, or one for which they name no active window.
func (d *display) focus() (xproto.Window, error) {
	defer d.patiently()()
	reply, err := xproto.GetInputFocus(d.conn).Reply()
	if err != nil {
		return 0, d.lost(err)
	}
	switch reply.Focus {
	case xproto.InputFocusNone, xproto.InputFocusPointerRoot, d.root:
		return 0, actor.ErrNoFocus
	}
	for _, none := range []struct {
		property xproto.Atom
		window   xproto.Window
	}{{d.atoms.check, reply.Focus}, {d.atoms.active, xproto.WindowNone}} {
		value, err := d.property(d.root, none.property)
		if err != nil {
			return 0, err
		}
		if len(value) >= 4 && xproto.Window(xgb.Get32(value)) == none.window {
			return 0, actor.ErrNoFocus
		}
	}
	return d.top(reply.Focus)
}

// top returns the ancestor of a window that is a child of the root: programs move
// the focus among the windows below it as they like.
func (d *display) top(w xproto.Window) (xproto.Window, error) {
	defer d.patiently()()
	for {
		tree, err := xproto.QueryTree(d.conn, w).Reply()
		if err != nil {
			if !d.alive() {
				return 0, d.lost(err)
			}
			return 0, fmt.Errorf("%w: it has just gone", actor.ErrNoFocus)
		}
		if tree.Parent == d.root || tree.Parent == xproto.WindowNone {
			return w, nil
		}
		w = tree.Parent
	}
}

// entry is what the ledger holds: how many strokes of which input were sent, and
// which window had the focus. With doubt some more may have reached it: a text is
// being pasted.
type entry struct {
	mark  string
	n     int
	focus xproto.Window
	doubt bool
}

// doubtful follows the number of strokes of an entry with doubt.
const doubtful = "?"

// write makes a request that replaces the ledger's entry.
func (d *display) write(e entry) {
	doubt := ""
	if e.doubt {
		doubt = doubtful
	}
	text := []byte(fmt.Sprintf("%d%s %d %s", e.n, doubt, e.focus, e.mark))
	xproto.ChangeProperty(d.conn, xproto.PropModeReplace, d.root, d.atoms.ledger,
		xproto.AtomString, 8, uint32(len(text)), text)
}

// read returns the ledger's entry.
func (d *display) read() (entry, error) {
	text, err := d.property(d.root, d.atoms.ledger)
	if err != nil {
		return entry{}, err
	}
	parts := strings.SplitN(string(text), " ", 3)
	var e entry
	if len(parts) == 3 {
		e.mark = parts[2]
		parts[0], e.doubt = strings.CutSuffix(parts[0], doubtful)
		if _, err := fmt.Sscan(parts[0], &e.n); err != nil {
			return entry{}, fmt.Errorf("the ledger on the display holds %q: %w", text, err)
		}
		if _, err := fmt.Sscan(parts[1], &e.focus); err != nil {
			return entry{}, fmt.Errorf("the ledger on the display holds %q: %w", text, err)
		}
	}
	return e, nil
}
