package observertest

import (
	"image"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Shown is a window that a test shows.
type Shown struct {
	Title string
	Box   image.Rectangle
	// Colour fills the window, 0xRRGGBB.
	Colour uint32
	// Old has the title set as programs did before UTF-8: WM_NAME in Latin-1.
	Old bool
	// Type, when set, is the window's _NET_WM_WINDOW_TYPE, and the window
	// manager does not see it: an open menu, a hint.
	Type string
}

// Show shows a window until the test ends, and returns when it can be seen
// and, unless it is a menu or a hint, has the focus.
func Show(tb testing.TB, w Shown) {
	tb.Helper()
	x, err := xgb.NewConn()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(x.Close)
	screen := xproto.Setup(x).DefaultScreen(x)
	root := screen.Root
	watch(tb, x, root, xproto.EventMaskPropertyChange)
	id, err := xproto.NewWindowId(x)
	if err != nil {
		tb.Fatal(err)
	}
	hidden := uint32(0)
	if w.Type != "" {
		hidden = 1
	}
	err = xproto.CreateWindowChecked(x, screen.RootDepth, id, root,
		int16(w.Box.Min.X), int16(w.Box.Min.Y), uint16(w.Box.Dx()), uint16(w.Box.Dy()), 0,
		xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwBackPixel|xproto.CwOverrideRedirect|xproto.CwEventMask,
		[]uint32{w.Colour, hidden, xproto.EventMaskExposure}).Check()
	if err != nil {
		tb.Fatal(err)
	}
	if w.Old {
		latin1 := make([]byte, 0, len(w.Title))
		for _, r := range w.Title {
			latin1 = append(latin1, byte(r))
		}
		set(tb, x, id, "WM_NAME", xproto.AtomString, 8, latin1)
	} else {
		set(tb, x, id, "_NET_WM_NAME", atom(tb, x, "UTF8_STRING"), 8, []byte(w.Title))
	}
	if w.Type != "" {
		value := make([]byte, 4)
		xgb.Put32(value, uint32(atom(tb, x, w.Type)))
		set(tb, x, id, "_NET_WM_WINDOW_TYPE", xproto.AtomAtom, 32, value)
	}
	if err := xproto.MapWindowChecked(x, id).Check(); err != nil {
		tb.Fatal(err)
	}
	await(tb, x, id, w.Type == "")
}

// await waits until a window is drawn and, if it is to be, is the active one.
func await(tb testing.TB, x *xgb.Conn, id xproto.Window, active bool) {
	tb.Helper()
	name := atom(tb, x, "_NET_ACTIVE_WINDOW")
	root := xproto.Setup(x).DefaultScreen(x).Root
	drawn, focused := false, !active
	for !drawn || !focused {
		event, err := x.WaitForEvent()
		if err != nil || event == nil {
			tb.Fatal("the X server ended the connection: ", err)
		}
		switch e := event.(type) {
		case xproto.ExposeEvent:
			drawn = true
		case xproto.PropertyNotifyEvent:
			if e.Atom != name {
				continue
			}
			value, err := xproto.GetProperty(x, false, root, name, xproto.AtomWindow, 0, 1).Reply()
			if err != nil {
				tb.Fatal(err)
			}
			focused = focused || len(value.Value) == 4 && xproto.Window(xgb.Get32(value.Value)) == id
		}
	}
}

func watch(tb testing.TB, x *xgb.Conn, w xproto.Window, mask uint32) {
	tb.Helper()
	if err := xproto.ChangeWindowAttributesChecked(x, w, xproto.CwEventMask, []uint32{mask}).Check(); err != nil {
		tb.Fatal(err)
	}
}

func atom(tb testing.TB, x *xgb.Conn, name string) xproto.Atom {
	tb.Helper()
	reply, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
	if err != nil {
		tb.Fatal(err)
	}
	return reply.Atom
}

func set(tb testing.TB, x *xgb.Conn, w xproto.Window, name string, kind xproto.Atom, format byte, value []byte) {
	tb.Helper()
	n := uint32(len(value)) / uint32(format/8)
	err := xproto.ChangePropertyChecked(x, xproto.PropModeReplace, w, atom(tb, x, name), kind, format, n, value).Check()
	if err != nil {
		tb.Fatal(err)
	}
}
