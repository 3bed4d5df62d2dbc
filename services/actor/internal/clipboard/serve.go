package clipboard

import (
	"encoding/binary"
	"maps"
	"time"

	"github.com/jezek/xgb/xproto"
)

// atOnce is how much is handed over in one property, in bytes; more goes in parts
// of that size (INCR). A request of the X protocol has at most 256 KB.
const atOnce = 128 << 10

// transfer is where a form is handed over in parts.
type transfer struct {
	window   xproto.Window
	property xproto.Atom
}

// piece is what is left of it.
type piece struct {
	form
	ours bool // the text that is pasted
}

// serve answers the programs that ask for what we hold, until the connection ends.
func (c *Clipboard) serve() {
	defer close(c.gone)
	for {
		event, err := c.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
		switch e := event.(type) {
		case xproto.SelectionRequestEvent:
			c.answer(e)
		case xproto.SelectionClearEvent:
			c.cleared()
		case xproto.SelectionNotifyEvent:
			push(c.notified, e)
		case xproto.PropertyNotifyEvent:
			switch {
			case e.State == xproto.PropertyDelete:
				c.proceed(transfer{e.Window, e.Atom})
			case e.Window == c.window && e.Atom == c.atoms.store:
				push(c.grown, struct{}{})
			}
		}
	}
}

// push hands an event to who waits for it, or keeps it for who will.
func push[T any](to chan T, e T) {
	select {
	case to <- e:
	default:
	}
}

// cleared notes that another program has copied something, unless the clipboard
// has come back to us meanwhile.
func (c *Clipboard) cleared() {
	owner, err := xproto.GetSelectionOwner(c.conn, c.atoms.clipboard).Reply()
	if err != nil || owner.Owner == c.window {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holds = nil
}

// answer hands a form over.
func (c *Clipboard) answer(e xproto.SelectionRequestEvent) {
	if e.Property == xproto.AtomNone { // as programs asked before the ICCCM
		e.Property = e.Target
	}
	c.mu.Lock()
	held, ours := maps.Clone(c.holds), c.fetched != nil
	c.asked = time.Now()
	c.mu.Unlock()
	f, ok := held[e.Target]
	switch {
	case e.Target == c.atoms.targets && held != nil:
		list := binary.LittleEndian.AppendUint32(nil, uint32(c.atoms.targets))
		for target := range held {
			list = binary.LittleEndian.AppendUint32(list, uint32(target))
		}
		c.write(e.Requestor, e.Property, form{xproto.AtomAtom, 32, list})
	case !ok:
		e.Property = xproto.AtomNone
	case len(f.data) > atOnce:
		c.mu.Lock()
		c.sending[transfer{e.Requestor, e.Property}] = &piece{f, ours}
		c.mu.Unlock()
		xproto.ChangeWindowAttributes(c.conn, e.Requestor, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange})
		c.write(e.Requestor, e.Property, form{c.atoms.incr, 32, binary.LittleEndian.AppendUint32(nil, uint32(len(f.data)))})
	default:
		c.write(e.Requestor, e.Property, f)
	}
	notify := xproto.SelectionNotifyEvent{
		Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: e.Property,
	}
	xproto.SendEvent(c.conn, false, e.Requestor, 0, string(notify.Bytes()))
	if ok && ours && len(f.data) <= atOnce {
		c.handedOver(e.Requestor)
	}
}

// proceed hands over the next part when the one before has been read; the last
// part is empty.
func (c *Clipboard) proceed(to transfer) {
	c.mu.Lock()
	p, ok := c.sending[to]
	c.mu.Unlock()
	if !ok {
		return
	}
	n := min(atOnce, len(p.data))
	c.write(to.window, to.property, form{p.kind, p.format, p.data[:n]})
	p.data = p.data[n:]
	if n > 0 {
		return
	}
	c.mu.Lock()
	delete(c.sending, to)
	c.mu.Unlock()
	if p.ours {
		c.handedOver(to.window)
	}
}

// handedOver tells who waits for it that the program with the focus has the text.
func (c *Clipboard) handedOver(to xproto.Window) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fetched != nil && (c.reader == 0 || c.client(to) == c.reader) {
		push(c.fetched, struct{}{})
	}
}

func (c *Clipboard) write(w xproto.Window, property xproto.Atom, f form) {
	xproto.ChangeProperty(c.conn, xproto.PropModeReplace, w, property, f.kind, f.format,
		uint32(len(f.data))/uint32(max(f.format, 8)/8), f.data)
}
