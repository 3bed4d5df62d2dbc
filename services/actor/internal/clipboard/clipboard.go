// Package clipboard lends the X clipboard to the hands: a text is put on it to be
// pasted, and then what was on it before is given back, in every form that the
// program had offered. X keeps no clipboard of its own: who copied serves it, so
// what is given back is served from here until another program copies something.
//
// It follows the ICCCM, sections 2.2 to 2.7.
package clipboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/actor/internal/xwire"
)

const (
	// patience is how long a program may take for its part of a transfer.
	patience = time.Second
	// pauses is how long nobody asks for the clipboard when all who were to have.
	pauses = 150 * time.Millisecond
)

// Clipboard is a connection that can own the clipboard.
type Clipboard struct {
	conn   *xgb.Conn
	window xproto.Window
	atoms  atoms
	gone   chan struct{} // closed when the connection has ended

	// notified and grown are events that a fetch waits for.
	notified chan xproto.SelectionNotifyEvent
	grown    chan struct{}

	mu    sync.Mutex
	holds content // what we serve; nil when we do not own the clipboard
	// reader is who must fetch the text, 0 for any; fetched is told of it, and
	// asked is when it asked for something last.
	reader  uint32
	fetched chan struct{}
	asked   time.Time
	sending map[transfer]*piece
}

// content is what a clipboard holds, by the forms in which it can be had.
type content map[xproto.Atom]form

// form is a content in one form.
type form struct {
	kind   xproto.Atom // the type of the property
	format byte        // bits of an item
	data   []byte
}

// atoms are the interned names.
type atoms struct {
	clipboard, targets, incr, utf8, plainUTF8, plain, text, store xproto.Atom
	// aside are targets that are no form of the content.
	aside map[xproto.Atom]bool
}

// Open connects to a display. Nothing changes before Lend.
func Open(ctx context.Context, display, authority string) (*Clipboard, error) {
	wire, err := xwire.Dial(ctx, display, authority)
	if err != nil {
		return nil, err
	}
	// xgb writes notices to standard error that say nothing the errors do not.
	xgb.Logger.SetOutput(io.Discard)
	conn, err := xgb.NewConnNet(wire)
	if err != nil {
		_ = wire.Close() // the first error says it all
		return nil, fmt.Errorf("connect to the display %s: %w", display, err)
	}
	c := &Clipboard{
		conn: conn, gone: make(chan struct{}),
		notified: make(chan xproto.SelectionNotifyEvent, 1), grown: make(chan struct{}, 1),
		sending: make(map[transfer]*piece),
	}
	if err := c.prepare(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("prepare the clipboard: %w", err)
	}
	go c.serve()
	return c, nil
}

func (c *Clipboard) prepare() error {
	c.atoms.aside = make(map[xproto.Atom]bool)
	for _, name := range []string{"TARGETS", "MULTIPLE", "TIMESTAMP", "SAVE_TARGETS", "DELETE", "INSERT_SELECTION", "INSERT_PROPERTY"} {
		atom, err := c.atom(name)
		if err != nil {
			return err
		}
		c.atoms.aside[atom] = true
	}
	for name, atom := range map[string]*xproto.Atom{
		"CLIPBOARD": &c.atoms.clipboard, "TARGETS": &c.atoms.targets, "INCR": &c.atoms.incr,
		"UTF8_STRING": &c.atoms.utf8, "text/plain;charset=utf-8": &c.atoms.plainUTF8, "text/plain": &c.atoms.plain,
		"TEXT": &c.atoms.text, "_GROKPUTER_CLIPBOARD": &c.atoms.store,
	} {
		var err error
		if *atom, err = c.atom(name); err != nil {
			return err
		}
	}
	var err error
	if c.window, err = xproto.NewWindowId(c.conn); err != nil {
		return err
	}
	root := xproto.Setup(c.conn).DefaultScreen(c.conn).Root
	return xproto.CreateWindowChecked(c.conn, 0, c.window, root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0,
		xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
}

func (c *Clipboard) atom(name string) (xproto.Atom, error) {
	reply, err := xproto.InternAtom(c.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, fmt.Errorf("intern %s: %w", name, err)
	}
	return reply.Atom, nil
}

// Alive reports whether the connection stands.
func (c *Clipboard) Alive() bool {
	select {
	case <-c.gone:
		return false
	default:
		return true
	}
}

// Close ends the connection: what was given back can no longer be pasted.
func (c *Clipboard) Close() {
	c.conn.Close()
	<-c.gone
}

// Paste has a program paste a text: it puts the text on the clipboard, calls keys,
// which makes the program that has the focus fetch it, waits until it has done so,
// and gives back what was there.
func (c *Clipboard) Paste(ctx context.Context, text string, most time.Duration, keys func() error) (err error) {
	before, err := c.save(ctx)
	if err != nil {
		return err
	}
	focus, err := xproto.GetInputFocus(c.conn).Reply()
	if err != nil {
		return c.lost(err)
	}
	fetched := make(chan struct{}, 1)
	c.mu.Lock()
	c.reader, c.fetched = c.client(focus.Focus), fetched
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.fetched = nil
		c.mu.Unlock()
		err = errors.Join(err, c.hold(before))
	}()
	if err := c.hold(c.written(text)); err != nil {
		return err
	}
	// A program that watches the clipboard asks at once, without pasting.
	if err := c.quiet(ctx); err != nil {
		return err
	}
	select {
	case <-fetched:
	default:
	}
	if err := keys(); err != nil {
		return err
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-fetched:
		return c.quiet(ctx) // it may ask in several steps
	case <-timer.C:
		return fmt.Errorf("%w: not within %s", ErrNotTaken, most)
	case <-c.gone:
		return c.lost(io.EOF)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// quiet waits until nobody has asked for anything for a moment.
func (c *Clipboard) quiet(ctx context.Context) error {
	for since := time.Now(); ; {
		pause := pauses - time.Since(since)
		if pause <= 0 {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		c.mu.Lock()
		if c.asked.After(since) {
			since = c.asked
		}
		c.mu.Unlock()
	}
}

// ErrNotTaken tells that the program with the focus did not fetch the text.
var ErrNotTaken = errors.New("the program did not take the text from the clipboard")

func (*Clipboard) lost(err error) error {
	return fmt.Errorf("the X server does not answer: %w", err)
}

// client is the part of a window's name that says whose it is.
func (c *Clipboard) client(w xproto.Window) uint32 {
	return uint32(w) &^ xproto.Setup(c.conn).ResourceIdMask
}

// written is a text in the forms in which programs ask for one.
func (c *Clipboard) written(text string) content {
	utf8 := form{c.atoms.utf8, 8, []byte(text)}
	held := content{
		c.atoms.utf8: utf8, c.atoms.text: utf8,
		c.atoms.plainUTF8: {c.atoms.plainUTF8, 8, []byte(text)},
		c.atoms.plain:     {c.atoms.plain, 8, []byte(text)},
	}
	const latin1 = 0xff
	if strings.IndexFunc(text, func(r rune) bool { return r > latin1 }) < 0 {
		var bytes []byte
		for _, r := range text {
			bytes = append(bytes, byte(r))
		}
		held[xproto.AtomString] = form{xproto.AtomString, 8, bytes}
	}
	return held
}

// hold owns the clipboard with a content, or gives it up for none.
func (c *Clipboard) hold(what content) error {
	owner := c.window
	if len(what) == 0 {
		owner, what = xproto.WindowNone, nil
	}
	c.mu.Lock()
	c.holds = what
	c.mu.Unlock()
	err := xproto.SetSelectionOwnerChecked(c.conn, owner, c.atoms.clipboard, xproto.TimeCurrentTime).Check()
	if err != nil {
		return c.lost(err)
	}
	return nil
}
