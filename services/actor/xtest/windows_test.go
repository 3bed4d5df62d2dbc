package xtest_test

import (
	"image"
	"slices"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

// titled shows a window without a frame and returns its id. It belongs to owner
// unless that is 0.
func titled(t *testing.T, o xtest.Options, title string, place xproto.Rectangle, owner xproto.Window) xproto.Window {
	t.Helper()
	wire, err := xwire.Dial(t.Context(), o.Display, o.Authority)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := xgb.NewConnNet(wire)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	id, err := xproto.NewWindowId(conn)
	if err != nil {
		t.Fatal(err)
	}
	screen := xproto.Setup(conn).DefaultScreen(conn)
	xproto.CreateWindow(conn, screen.RootDepth, id, screen.Root, place.X, place.Y, place.Width, place.Height, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwOverrideRedirect, []uint32{1})
	xproto.ChangeProperty(conn, xproto.PropModeReplace, id, xproto.AtomWmName, xproto.AtomString, 8, uint32(len(title)), []byte(title))
	if owner != 0 {
		body := make([]byte, 4)
		xgb.Put32(body, uint32(owner))
		xproto.ChangeProperty(conn, xproto.PropModeReplace, id, xproto.AtomWmTransientFor, xproto.AtomWindow, 32, 1, body)
	}
	if err := xproto.MapWindowChecked(conn, id).Check(); err != nil {
		t.Fatal(err)
	}
	return id
}

// The windows are those on the screen, the topmost first, each with the titles of
// those that it belongs to.
func TestWindows(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	program := testwindow.Open(t, o.Display, o.Authority)
	vault := titled(t, o, "Vault", xproto.Rectangle{X: 600, Y: 400, Width: 200, Height: 100}, 0)
	titled(t, o, "Unlock", xproto.Rectangle{X: 650, Y: 420, Width: 100, Height: 50}, vault)
	list, err := hands(t, o).Windows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var named []actor.Window
	for _, w := range list {
		if w.Area.Max.X > 0 && slices.ContainsFunc(w.Titles, func(title string) bool { return title != "" }) {
			named = append(named, w)
		}
	}
	if len(named) != 3 {
		t.Fatalf("the windows are %+v", list)
	}
	if got := named[0]; !slices.Equal(got.Titles, []string{"Unlock", "Vault"}) || got.Area != image.Rect(650, 420, 750, 470) || got.Focused {
		t.Errorf("the topmost window is %+v", got)
	}
	if got := named[1]; !slices.Equal(got.Titles, []string{"Vault"}) || got.Focused {
		t.Errorf("the second window is %+v", got)
	}
	at := program.Button(t)
	if got := named[2]; !slices.Equal(got.Titles, []string{"test window"}) || !image.Pt(at.X, at.Y).In(got.Area) || !got.Focused {
		t.Errorf("the program's window is %+v", got)
	}
}
