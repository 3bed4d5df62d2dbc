// Package xmonitor knows the monitors of an X display.
//
// They come from the Xinerama extension, which servers derive from RANDR's
// monitors. RANDR itself is not asked: preparing it writes to tables of xgb that
// every other connection of the process reads.
package xmonitor

import (
	"errors"
	"fmt"
	"image"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xinerama"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts"
)

// Prepare makes a connection ready for List.
func Prepare(x *xgb.Conn) error {
	if err := xinerama.Init(x); err != nil {
		return fmt.Errorf("ask for the monitors: %w", err)
	}
	return nil
}

// List returns the monitors in the order of their numbers. A display that names
// none is one monitor.
func List(x *xgb.Conn) ([]contracts.Monitor, error) {
	reply, err := xinerama.QueryScreens(x).Reply()
	if err != nil {
		return nil, fmt.Errorf("ask for the monitors: %w", err)
	}
	monitors := make([]contracts.Monitor, len(reply.ScreenInfo))
	for i, m := range reply.ScreenInfo {
		monitors[i] = contracts.Monitor{Number: i, Bounds: rectangle(int(m.XOrg), int(m.YOrg), int(m.Width), int(m.Height))}
	}
	if len(monitors) > 0 {
		return monitors, nil
	}
	size, err := xproto.GetGeometry(x, xproto.Drawable(root(x))).Reply()
	if err != nil {
		return nil, fmt.Errorf("ask for the screen's size: %w", err)
	}
	return []contracts.Monitor{{Bounds: rectangle(0, 0, int(size.Width), int(size.Height))}}, nil
}

// Attention is where the person is at work: the place of the active window, or
// without one a point at the pointer.
func Attention(x *xgb.Conn) (image.Rectangle, error) {
	const name = "_NET_ACTIVE_WINDOW"
	atom, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
	if err != nil {
		return image.Rectangle{}, fmt.Errorf("ask for the active window: %w", err)
	}
	value, err := xproto.GetProperty(x, false, root(x), atom.Atom, xproto.AtomWindow, 0, 1).Reply()
	if err != nil {
		return image.Rectangle{}, fmt.Errorf("ask for the active window: %w", err)
	}
	if len(value.Value) == 4 {
		if place, ok := place(x, xproto.Window(xgb.Get32(value.Value))); ok {
			return place, nil
		}
	}
	at, err := Pointer(x)
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(1, 1))}, err
}

// Pointer is where the pointer is.
func Pointer(x *xgb.Conn) (image.Point, error) {
	reply, err := xproto.QueryPointer(x, root(x)).Reply()
	if err != nil {
		return image.Point{}, fmt.Errorf("ask for the pointer's place: %w", err)
	}
	if !reply.SameScreen {
		return image.Point{}, errors.New("the pointer is on another screen of the X server")
	}
	return image.Pt(int(reply.RootX), int(reply.RootY)), nil
}

// place is a window's rectangle on the screen; ok is false when there is no
// such window, or it has just gone.
func place(x *xgb.Conn, w xproto.Window) (r image.Rectangle, ok bool) {
	if w == xproto.WindowNone {
		return r, false
	}
	size, err := xproto.GetGeometry(x, xproto.Drawable(w)).Reply()
	if err != nil {
		return r, false
	}
	at, err := xproto.TranslateCoordinates(x, w, root(x), 0, 0).Reply()
	if err != nil {
		return r, false
	}
	return rectangle(int(at.DstX), int(at.DstY), int(size.Width), int(size.Height)), true
}

func root(x *xgb.Conn) xproto.Window { return xproto.Setup(x).DefaultScreen(x).Root }

func rectangle(x, y, w, h int) image.Rectangle { return image.Rect(x, y, x+w, y+h) }
