package xtest

import (
	"context"
	"errors"
	"image"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/actor"
)

var _ actor.Windows = (*Hands)(nil)

// Windows implements actor.Windows.
func (h *Hands) Windows(ctx context.Context) (list []actor.Window, err error) {
	err = h.use(ctx, func(d *display) error {
		list, err = d.windows()
		return err
	})
	return list, err
}

// windows are the viewable children of the root window, the topmost first. One
// that is closed meanwhile is left out.
func (d *display) windows() ([]actor.Window, error) {
	focus, err := d.focus()
	if err != nil && !errors.Is(err, actor.ErrNoFocus) {
		return nil, err
	}
	defer d.patiently()()
	tree, err := xproto.QueryTree(d.conn, d.root).Reply()
	if err != nil {
		return nil, d.lost(err)
	}
	// All are asked about at once: there are many that cannot be seen.
	attributes := make([]xproto.GetWindowAttributesCookie, len(tree.Children))
	places := make([]xproto.GetGeometryCookie, len(tree.Children))
	for i, w := range tree.Children {
		attributes[i] = xproto.GetWindowAttributes(d.conn, w)
		places[i] = xproto.GetGeometry(d.conn, xproto.Drawable(w))
	}
	var list []actor.Window
	for i, w := range slices.Backward(tree.Children) {
		seen, attributesErr := attributes[i].Reply()
		place, placeErr := places[i].Reply()
		if attributesErr != nil || placeErr != nil || seen.MapState != xproto.MapStateViewable || seen.Class != xproto.WindowClassInputOutput {
			continue
		}
		x, y, border := int(place.X), int(place.Y), 2*int(place.BorderWidth)
		list = append(list, actor.Window{
			Titles:  d.titles(w),
			Area:    image.Rect(x, y, x+int(place.Width)+border, y+int(place.Height)+border),
			Focused: w == focus,
		})
	}
	if !d.alive() {
		return nil, d.lost(errors.New("the connection has ended"))
	}
	return list, nil
}

// titles are those of the program's window in a frame, and of the windows that it
// belongs to.
func (d *display) titles(frame xproto.Window) []string {
	const deepest = 5 // dialogs before dialogs
	var titles []string
	for w := d.client(frame); w != xproto.WindowNone && len(titles) < deepest; {
		titles = append(titles, d.title(w))
		owner, err := d.property(w, xproto.AtomWmTransientFor)
		if err != nil || len(owner) < 4 {
			break
		}
		w = xproto.Window(xgb.Get32(owner))
	}
	return titles
}

// client is the program's window within a frame of the window manager's: the one
// with WM_STATE (ICCCM 4.1.3.1); the frame itself without one.
func (d *display) client(frame xproto.Window) xproto.Window {
	tree, err := xproto.QueryTree(d.conn, frame).Reply()
	if err != nil {
		return frame
	}
	for _, w := range tree.Children {
		if state, err := d.property(w, d.atoms.state); err == nil && len(state) > 0 {
			return w
		}
	}
	return frame
}

// title is _NET_WM_NAME, or WM_NAME of older programs, which is Latin-1 (ICCCM 2.7.1).
func (d *display) title(w xproto.Window) string {
	if name, err := d.property(w, d.atoms.name); err == nil && len(name) > 0 {
		return string(name)
	}
	name, err := d.property(w, xproto.AtomWmName)
	if err != nil {
		return ""
	}
	runes := make([]rune, len(name))
	for i, b := range name {
		runes[i] = rune(b)
	}
	return string(runes)
}
