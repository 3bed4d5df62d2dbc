package tests

import (
	"errors"
	"image"
	"image/color"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/xscreen"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/xtest"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/sim"
	"github.com/grokputer/grokputer/services/observer/x11"
	"github.com/grokputer/grokputer/services/observer/xgrab"
)

// pair is a screen with two monitors, one lower than the other, and the hands on it.
type pair struct {
	desk

	env   []string
	conn  *xgb.Conn
	hands *xtest.Hands
	undo  func()
}

var (
	leftMonitor  = image.Rect(0, 0, 1280, 800)
	rightMonitor = image.Rect(1280, 32, 2304, 800)
)

func twoMonitors(t *testing.T) pair {
	t.Helper()
	s, err := xscreen.Start(t.Context(), xscreen.Options{Width: 2304, Height: 800, WindowManager: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	p := pair{env: s.Env()}
	authority, _ := strings.CutPrefix(s.Env()[1], "XAUTHORITY=")
	p.desk = desk{t: t, display: s.Display(), authority: authority}
	p.use(func() (err error) {
		p.conn, err = xgb.NewConnDisplay(s.Display())
		return err
	})
	t.Cleanup(p.conn.Close)
	p.undo = kittest.Monitors(t, p.conn, leftMonitor, rightMonitor)
	p.hands = xtest.New(xtest.Options{Display: s.Display(), Authority: authority})
	t.Cleanup(p.hands.Close)
	return p
}

// capture takes a picture of a monitor.
func (p pair) capture(c *xgrab.Capturer) observer.Capture {
	p.t.Helper()
	var capture observer.Capture
	p.use(func() (err error) {
		capture, err = c.Capture(p.t.Context())
		return err
	})
	return capture
}

// enlarged is the same capture, with more pixels.
func enlarged(c observer.Capture, scale float64) observer.Capture {
	pixels := func(n int) int { return int(math.Ceil(float64(n) * scale)) }
	size := c.Image.Rect.Size()
	out := image.NewRGBA(image.Rect(0, 0, pixels(size.X), pixels(size.Y)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.SetRGBA(x, y, c.Image.RGBAAt(int(float64(x)/scale), int(float64(y)/scale)))
		}
	}
	c.Image, c.Scale = out, scale
	return c
}

// find is the box of a colour in a picture.
func find(picture *image.RGBA, colour color.RGBA) image.Rectangle {
	var box image.Rectangle
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			if picture.RGBAAt(x, y) == colour {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// What the eyes see on the second monitor, the hands hit, whatever the scale of
// the picture; and when that monitor has gone, the picture is known to be void.
func TestTwoMonitors(t *testing.T) {
	t.Parallel()
	p := twoMonitors(t)
	box := image.Rect(1280+137, 32+155, 1280+198, 32+196)
	target, presses := p.target(box, 0x12ab56)
	eyes := xgrab.New(p.display, 1)
	t.Cleanup(eyes.Close)
	plain := p.capture(eyes)
	var last contracts.Geometry
	for i, scale := range []float64{1, 2, 1.5, 1.25} {
		capture := plain
		if scale != 1 {
			capture = enlarged(plain, scale)
		}
		last = capture.Frame(contracts.Blob{}, 0).Geometry()
		monitors, err := p.hands.Monitors(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := last.Check(monitors); err != nil || last.Monitor != 1 || last.Origin != rightMonitor.Min {
			t.Errorf("scale %g: %+v, %v", scale, last, err)
		}
		seen := find(capture.Image, color.RGBA{0x12, 0xab, 0x56, 0xff})
		corners := image.Rectangle{Min: last.Pointer(seen.Min), Max: last.Pointer(seen.Max.Sub(image.Pt(1, 1))).Add(image.Pt(1, 1))}
		if corners != box {
			t.Errorf("scale %g: seen at %v, which is %v of the desktop, want %v", scale, seen, corners, box)
		}
		at := last.Pointer(seen.Min.Add(seen.Size().Div(2)))
		in := actor.Input{Mark: string(rune('a' + i)), Verb: action.Click, At: actor.Point{X: at.X, Y: at.Y}}
		if err := p.hands.Do(t.Context(), in, func(int) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if got := presses(); !near(got, box.Min.Add(box.Size().Div(2))) {
			t.Errorf("scale %g: %d was pressed at %v, want the middle of %v", scale, target, got, box)
		}
	}
	p.undo()
	monitors, err := p.hands.Monitors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := last.Check(monitors); !errors.Is(err, contracts.ErrGeometry) {
		t.Errorf("a picture of a monitor that has gone: %v", err)
	}
}

func near(p, q image.Point) bool {
	d := p.Sub(q)
	return max(d.X, -d.X) <= 1 && max(d.Y, -d.Y) <= 1
}

// target shows a window that no manager moves. The function waits for the next
// press on it and returns its place.
func (p pair) target(box image.Rectangle, colour uint32) (xproto.Window, func() image.Point) {
	p.t.Helper()
	setup := xproto.Setup(p.conn).DefaultScreen(p.conn)
	id, err := xproto.NewWindowId(p.conn)
	if err != nil {
		p.t.Fatal(err)
	}
	err = xproto.CreateWindowChecked(p.conn, setup.RootDepth, id, setup.Root,
		int16(box.Min.X), int16(box.Min.Y), uint16(box.Dx()), uint16(box.Dy()), 0,
		xproto.WindowClassInputOutput, setup.RootVisual,
		xproto.CwBackPixel|xproto.CwOverrideRedirect|xproto.CwEventMask,
		[]uint32{colour, 1, xproto.EventMaskExposure | xproto.EventMaskButtonPress}).Check()
	if err == nil {
		err = xproto.MapWindowChecked(p.conn, id).Check()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	next := func() xgb.Event {
		event, err := p.conn.WaitForEvent()
		if event == nil {
			p.t.Fatalf("the X server went away: %v", err)
		}
		return event
	}
	for drawn := false; !drawn; {
		_, drawn = next().(xproto.ExposeEvent)
	}
	return id, func() image.Point {
		for {
			if e, ok := next().(xproto.ButtonPressEvent); ok {
				return image.Pt(int(e.RootX), int(e.RootY))
			}
		}
	}
}

// A program that draws at scale 2 on one of two monitors is seen and written into.
func TestProgramAtScaleTwo(t *testing.T) {
	t.Parallel()
	p := twoMonitors(t)
	file := filepath.Join(t.TempDir(), "two.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), editor, "--disable-server", file)
	cmd.Env = append(append(os.Environ(), p.env...), "GDK_SCALE=2", "GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=1", "DBUS_SESSION_BUS_ADDRESS=disabled:")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	desk := x11.New(p.display)
	t.Cleanup(desk.Close)
	pictures := xgrab.New(p.display, observer.MonitorFocused)
	t.Cleanup(pictures.Close)
	eyes := observer.NewEyes(pictures, desk, layout.New(), sim.Reader{})
	var geometry contracts.Geometry
	var field screen.Element
	kittest.Await(t, "the editor's field is seen", func() (seen bool) {
		p.use(func() error {
			capture, s, err := eyes.Look(t.Context())
			geometry = capture.Geometry()
			for _, e := range s.Elements {
				if e.Kind == screen.Field && e.Box.W > 200 && e.Box.H > 200 {
					field, seen = e, true
				}
			}
			return err
		})
		return seen
	})
	x, y := field.Box.Center()
	at := geometry.Pointer(image.Pt(x, y))
	for i, in := range []actor.Input{
		{Verb: action.Click, At: actor.Point{X: at.X, Y: at.Y}},
		{Verb: action.Type, Text: "at scale two"},
		{Verb: action.Key, Keys: []string{"ctrl", "s"}},
	} {
		in.Mark = string(rune('a' + i))
		if err := p.hands.Do(t.Context(), in, func(int) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	kittest.Await(t, "the text is saved", func() bool {
		got, err := os.ReadFile(file)
		return err == nil && strings.TrimSpace(string(got)) == "at scale two"
	})
}
