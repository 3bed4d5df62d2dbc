package observertest

import (
	"image"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Drawing is a rectangle in a colour, 0xRRGGBB.
type Drawing struct {
	Box    image.Rectangle
	Colour uint32
}

// Animate is a program that draws into a window of its own: step k is drawn
// after k pauses, until frame returns nothing or the test ends. Done is closed
// when the server has drawn all steps.
func Animate(tb testing.TB, box image.Rectangle, pause time.Duration, frame func(k int) []Drawing) (done <-chan struct{}) {
	tb.Helper()
	x, err := xgb.NewConn()
	if err != nil {
		tb.Fatal(err)
	}
	screen := xproto.Setup(x).DefaultScreen(x)
	id, err := xproto.NewWindowId(x)
	if err != nil {
		tb.Fatal(err)
	}
	err = xproto.CreateWindowChecked(x, screen.RootDepth, id, screen.Root,
		int16(box.Min.X), int16(box.Min.Y), uint16(box.Dx()), uint16(box.Dy()), 0,
		xproto.WindowClassInputOutput, screen.RootVisual,
		xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{0xffffff, 1}).Check()
	if err == nil {
		err = xproto.MapWindowChecked(x, id).Check()
	}
	if err != nil {
		tb.Fatal(err)
	}
	gc, err := xproto.NewGcontextId(x)
	if err != nil {
		tb.Fatal(err)
	}
	xproto.CreateGC(x, gc, xproto.Drawable(id), 0, nil)
	drawn, stopped := make(chan struct{}), make(chan struct{})
	ended := make(chan struct{})
	tb.Cleanup(func() {
		close(stopped)
		<-ended
		x.Close()
	})
	go func() {
		defer close(ended)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for k := 0; ; k++ {
			drawings := frame(k)
			if drawings == nil {
				close(drawn)
				return
			}
			for _, d := range drawings {
				xproto.ChangeGC(x, gc, xproto.GcForeground, []uint32{d.Colour})
				xproto.PolyFillRectangle(x, xproto.Drawable(id), gc, []xproto.Rectangle{{
					X: int16(d.Box.Min.X), Y: int16(d.Box.Min.Y), Width: uint16(d.Box.Dx()), Height: uint16(d.Box.Dy()),
				}})
			}
			if _, err := xproto.GetInputFocus(x).Reply(); err != nil { // all of it is drawn
				return
			}
			select {
			case <-tick.C:
			case <-stopped:
				return
			}
		}
	}()
	return drawn
}
