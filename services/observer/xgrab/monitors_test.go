package xgrab_test

import (
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/xgrab"
)

func TestMonitors(t *testing.T) {
	x, err := xgb.NewConn()
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	whole := image.Rect(0, 0, observertest.ScreenWidth, observertest.ScreenHeight)
	left, right := image.Rect(0, 0, 700, 800), image.Rect(700, 40, 1280, 800)
	undo := kittest.Monitors(t, x, left, right)
	box := image.Rect(900, 200, 1100, 300)
	observertest.Show(t, observertest.Shown{Title: "on the right", Box: box, Colour: 0x12ab56, Type: "_NET_WM_WINDOW_TYPE_TOOLTIP"})
	// No window has the focus: then the pointer says where the person is at work.
	root := xproto.Setup(x).DefaultScreen(x).Root
	if err := xproto.WarpPointerChecked(x, xproto.WindowNone, root, 0, 0, 0, 0, 1000, 600).Check(); err != nil {
		t.Fatal(err)
	}
	for which, want := range map[observer.Monitor]contracts.Monitor{
		0:                       {Bounds: left},
		1:                       {Number: 1, Bounds: right},
		observer.MonitorAll:     {Number: contracts.AllMonitors, Bounds: whole},
		observer.MonitorFocused: {Number: 1, Bounds: right},
	} {
		c := xgrab.New("", which)
		capture, err := c.Capture(t.Context())
		c.Close()
		if err != nil {
			t.Errorf("%s: %v", which, err)
			continue
		}
		if capture.Monitor != want.Number || capture.Origin != want.Bounds.Min || capture.Image.Rect.Size() != want.Bounds.Size() {
			t.Errorf("%s: got %+v, want %v", which, capture.Geometry(), want)
		}
		shown := capture.Geometry().Picture(box)
		if green := (color.RGBA{0x12, 0xab, 0x56, 0xff}); shown.In(capture.Image.Rect) {
			middle := shown.Min.Add(shown.Size().Div(2))
			if got := capture.Image.RGBAAt(middle.X, middle.Y); got != green {
				t.Errorf("%s: the window's middle is %v at %v", which, got, middle)
			}
		} else if which != 0 {
			t.Errorf("%s: the window is at %v of the picture", which, shown)
		}
	}
	undo()
	_, err = xgrab.New("", 1).Capture(t.Context())
	if !errors.Is(err, observer.ErrNoScreen) || !errors.Is(err, contracts.ErrGeometry) || !strings.Contains(err.Error(), "no monitor 1 (of 1)") {
		t.Errorf("got %v for a monitor that has gone", err)
	}
}
