package clipboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// most is how much of a clipboard is kept, in bytes: a picture of a large screen
// without compression.
const most = 64 << 20

// errNotHad means that the owner does not hand a form over.
var errNotHad = errors.New("the program does not hand it over")

// save fetches what is on the clipboard in every form. A form that
// its owner does not hand over is left out.
func (c *Clipboard) save(ctx context.Context) (content, error) {
	owner, err := xproto.GetSelectionOwner(c.conn, c.atoms.clipboard).Reply()
	if err != nil {
		return nil, c.lost(err)
	}
	switch owner.Owner {
	case xproto.WindowNone:
		return content{}, nil
	case c.window: // given back before
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.holds, nil
	}
	list, err := c.fetch(ctx, c.atoms.targets)
	if errors.Is(err, errNotHad) {
		list = form{data: make([]byte, 4)}
		xgb.Put32(list.data, uint32(xproto.AtomString)) // what all programs knew before TARGETS
	} else if err != nil {
		return nil, err
	}
	saved, size := content{}, 0
	for ; len(list.data) >= 4; list.data = list.data[4:] {
		target := xproto.Atom(xgb.Get32(list.data))
		if _, known := saved[target]; known || c.atoms.aside[target] {
			continue
		}
		f, err := c.fetch(ctx, target)
		switch {
		case errors.Is(err, errNotHad):
		case err != nil:
			return nil, err
		case size+len(f.data) <= most:
			saved[target] = f
			size += len(f.data)
		}
	}
	return saved, nil
}

// fetch asks the clipboard's owner for one form.
func (c *Clipboard) fetch(ctx context.Context, target xproto.Atom) (form, error) {
	for { // answers that came too late for the fetch before
		select {
		case <-c.notified:
			continue
		case <-c.grown:
			continue
		default:
		}
		break
	}
	xproto.DeleteProperty(c.conn, c.window, c.atoms.store)
	err := xproto.ConvertSelectionChecked(c.conn, c.window, c.atoms.clipboard, target, c.atoms.store, xproto.TimeCurrentTime).Check()
	if err != nil {
		return form{}, c.lost(err)
	}
	for {
		notify, err := await(ctx, c, c.notified)
		if err != nil {
			return form{}, err
		}
		if notify.Target != target {
			continue
		}
		if notify.Property == xproto.AtomNone {
			return form{}, errNotHad
		}
		return c.collect(ctx)
	}
}

// collect reads the property that the owner has written, or all of those that it
// writes one after the other (INCR).
func (c *Clipboard) collect(ctx context.Context) (form, error) {
	first, err := c.take()
	if err != nil || first.kind != c.atoms.incr {
		return first, err
	}
	var whole form
	for {
		if _, err := await(ctx, c, c.grown); err != nil {
			return form{}, err
		}
		part, err := c.take()
		if err != nil {
			return form{}, err
		}
		if part.kind == xproto.AtomNone {
			continue // the notice of a part that was read already
		}
		if len(part.data) == 0 {
			return whole, nil
		}
		whole = form{part.kind, part.format, append(whole.data, part.data...)}
		if len(whole.data) > most {
			return form{}, errNotHad
		}
	}
}

// take reads the property and deletes it.
func (c *Clipboard) take() (form, error) {
	const all = most / 4
	reply, err := xproto.GetProperty(c.conn, true, c.window, c.atoms.store, xproto.GetPropertyTypeAny, 0, all).Reply()
	if err != nil {
		return form{}, c.lost(err)
	}
	return form{reply.Type, reply.Format, reply.Value}, nil
}

// await waits for an event of a fetch. That it does not come is an errNotHad.
func await[T any](ctx context.Context, c *Clipboard, events <-chan T) (T, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var none T
	select {
	case e := <-events:
		return e, nil
	case <-timer.C:
		return none, fmt.Errorf("%w: not within %s", errNotHad, patience)
	case <-c.gone:
		return none, c.lost(io.EOF)
	case <-ctx.Done():
		return none, ctx.Err()
	}
}
