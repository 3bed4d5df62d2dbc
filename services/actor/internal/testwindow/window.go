// Package testwindow is a small X11 program for tests: a window with a button
// and a text area that keeps count of what it was given, as a program sees it.
package testwindow

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/keysym"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
)

// presses is how many presses of a button may be queued at the window manager: it
// sees the next only when it has passed on the one before.
const presses = 3

// The window's size and its two parts, in pixels.
const (
	width, height = 420, 200
	buttonRight   = 200 // the button is left of it, the text area right
)

// State is what the window was given.
type State struct {
	Clicks   int      // presses of the left button on the button
	Rights   int      // presses of the right button
	Text     string   // characters typed
	Keys     []string // combinations with ctrl, alt or super, and keys without a character
	Scrolled int      // wheel notches: down counts up
	Drags    []string // "button to area" or "area to button"
	Moves    int      // places that the pointer came by with the left button pressed
	Doubles  int      // presses of the left button that make it a double click
	Held     int      // buttons and keys that are pressed
}

// Window is the open window.
type Window struct {
	conn    *xgb.Conn
	id      xproto.Window
	keymap  *xproto.GetKeyboardMappingReply
	first   xproto.Keycode
	pressed string // where the left button went down
	last    xproto.ButtonPressEvent

	mu      sync.Mutex
	state   State
	marks   chan uint32 // marker events that have been handled
	probe   xproto.Window
	extents xproto.Atom
	answers chan struct{} // of the window manager, about probe
	serial  uint32
	closed  chan struct{}
}

// Open shows a window on the display and gives it the focus. It is closed with
// the test.
func Open(tb testing.TB, display, authority string) *Window {
	tb.Helper()
	wire, err := xwire.Dial(tb.Context(), display, authority)
	if err != nil {
		tb.Fatal(err)
	}
	conn, err := xgb.NewConnNet(wire)
	if err != nil {
		tb.Fatal(err)
	}
	w := &Window{conn: conn, marks: make(chan uint32, 1), answers: make(chan struct{}, 1), closed: make(chan struct{})}
	if err := w.show(); err != nil {
		tb.Fatal(err)
	}
	go w.loop()
	tb.Cleanup(func() {
		conn.Close()
		<-w.closed
	})
	w.Focus(tb)
	return w
}

func (w *Window) show() error {
	screen := xproto.Setup(w.conn).DefaultScreen(w.conn)
	var err error
	if w.id, err = xproto.NewWindowId(w.conn); err != nil {
		return err
	}
	events := uint32(xproto.EventMaskKeyPress | xproto.EventMaskKeyRelease | xproto.EventMaskButtonPress |
		xproto.EventMaskButtonRelease | xproto.EventMaskButton1Motion | xproto.EventMaskExposure | xproto.EventMaskStructureNotify |
		xproto.EventMaskFocusChange)
	err = xproto.CreateWindowChecked(w.conn, screen.RootDepth, w.id, screen.Root, 40, 40, width, height, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwBackPixel|xproto.CwEventMask,
		[]uint32{screen.WhitePixel, events}).Check()
	if err != nil {
		return fmt.Errorf("make the window: %w", err)
	}
	name := []byte("test window")
	xproto.ChangeProperty(w.conn, xproto.PropModeReplace, w.id, xproto.AtomWmName, xproto.AtomString, 8, uint32(len(name)), name)
	if err := w.readKeys(); err != nil {
		return err
	}
	if w.extents, err = w.atom("_NET_FRAME_EXTENTS"); err != nil {
		return err
	}
	if err := xproto.MapWindowChecked(w.conn, w.id).Check(); err != nil {
		return fmt.Errorf("show the window: %w", err)
	}
	for { // until it is on the screen
		event, err := w.conn.WaitForEvent()
		if err != nil {
			return err
		}
		if event == nil {
			return fmt.Errorf("the X server went away")
		}
		if _, ok := event.(xproto.ExposeEvent); ok {
			return w.draw(screen)
		}
	}
}

// draw paints the button and the area with captions.
func (w *Window) draw(screen *xproto.ScreenInfo) error {
	gc, err := xproto.NewGcontextId(w.conn)
	if err != nil {
		return err
	}
	xproto.CreateGC(w.conn, gc, xproto.Drawable(w.id), xproto.GcForeground|xproto.GcBackground,
		[]uint32{screen.BlackPixel, screen.WhitePixel})
	xproto.PolyRectangle(w.conn, xproto.Drawable(w.id), gc, []xproto.Rectangle{
		{X: 20, Y: 60, Width: buttonRight - 40, Height: 80},
		{X: buttonRight + 10, Y: 20, Width: width - buttonRight - 30, Height: height - 40},
	})
	for _, label := range []struct {
		x, y int16
		text string
	}{{80, 104, "Press"}, {buttonRight + 20, 40, "Write here"}} {
		xproto.ImageText8(w.conn, byte(len(label.text)), xproto.Drawable(w.id), gc, label.x, label.y, label.text)
	}
	return nil
}

// Button is the middle of the button on the screen.
func (w *Window) Button(tb testing.TB) actor.Point {
	tb.Helper()
	return w.at(tb, buttonRight/2, height/2)
}

// Area is the middle of the text area on the screen.
func (w *Window) Area(tb testing.TB) actor.Point {
	tb.Helper()
	return w.at(tb, (buttonRight+width)/2, height/2)
}

// at maps a point of the window to the screen, wherever a window manager put it.
func (w *Window) at(tb testing.TB, x, y int16) actor.Point {
	tb.Helper()
	root := xproto.Setup(w.conn).DefaultScreen(w.conn).Root
	reply, err := xproto.TranslateCoordinates(w.conn, w.id, root, x, y).Reply()
	if err != nil {
		tb.Fatal(err)
	}
	return actor.Point{X: int(reply.DstX), Y: int(reply.DstY)}
}

// State returns what the window was given by everything that the server has
// handled so far.
func (w *Window) State(tb testing.TB) State {
	tb.Helper()
	w.serial++
	for range presses {
		w.manager(tb)
	}
	event := xproto.ClientMessageEvent{
		Format: 32, Window: w.id, Type: xproto.AtomString,
		Data: xproto.ClientMessageDataUnionData32New([]uint32{w.serial, 0, 0, 0, 0}),
	}
	// Without a mask the event goes to whoever made the window, behind all
	// that was queued for it before.
	if err := xproto.SendEventChecked(w.conn, false, w.id, 0, string(event.Bytes())).Check(); err != nil {
		tb.Fatal(err)
	}
	select {
	case <-w.marks:
	case <-w.closed:
		tb.Fatal("the X server went away")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.state
	s.Keys, s.Drags = slices.Clone(s.Keys), slices.Clone(s.Drags)
	return s
}

// manager waits until the window manager has handled what came before: it holds
// each press back, for a look at it, before it passes it on to us. It answers
// questions about the frame of a window, here of one that is never shown.
func (w *Window) manager(tb testing.TB) {
	tb.Helper()
	root := xproto.Setup(w.conn).DefaultScreen(w.conn).Root
	if w.probe == 0 {
		probe, err := xproto.NewWindowId(w.conn)
		if err != nil {
			tb.Fatal(err)
		}
		err = xproto.CreateWindowChecked(w.conn, 0, probe, root, 0, 0, 1, 1, 0, xproto.WindowClassCopyFromParent, 0,
			xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
		if err != nil {
			tb.Fatal(err)
		}
		w.probe = probe
	}
	request, err := w.atom("_NET_REQUEST_FRAME_EXTENTS")
	if err != nil {
		tb.Fatal(err)
	}
	event := xproto.ClientMessageEvent{
		Format: 32, Window: w.probe, Type: request,
		Data: xproto.ClientMessageDataUnionData32New(make([]uint32, 5)),
	}
	err = xproto.SendEventChecked(w.conn, false, root,
		xproto.EventMaskSubstructureNotify|xproto.EventMaskSubstructureRedirect, string(event.Bytes())).Check()
	if err != nil {
		tb.Fatal(err)
	}
	select {
	case <-w.answers:
	case <-w.closed:
		tb.Fatal("the X server went away")
	}
}

func (w *Window) atom(name string) (xproto.Atom, error) {
	reply, err := xproto.InternAtom(w.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, fmt.Errorf("intern %s: %w", name, err)
	}
	return reply.Atom, nil
}

// Focus gives the window the keyboard focus and waits until it has it.
func (w *Window) Focus(tb testing.TB) {
	tb.Helper()
	if err := xproto.MapWindowChecked(w.conn, w.id).Check(); err != nil {
		tb.Fatal(err)
	}
	w.until(tb, "it has the focus", func() bool {
		// An error says that the window is not on the screen yet.
		_ = xproto.SetInputFocusChecked(w.conn, xproto.InputFocusNone, w.id, xproto.TimeCurrentTime).Check()
		return w.focused(tb)
	})
	place, same := w.at(tb, 0, 0), 0
	w.until(tb, "it stays where it is", func() bool { // window managers put it into a frame
		now := w.at(tb, 0, 0)
		if same++; now != place {
			place, same = now, 0
		}
		return same == 10
	})
}

// Unfocus takes the window off the screen, so that none has the focus.
func (w *Window) Unfocus(tb testing.TB) {
	tb.Helper()
	if err := xproto.UnmapWindowChecked(w.conn, w.id).Check(); err != nil {
		tb.Fatal(err)
	}
	w.until(tb, "it has lost the focus", func() bool { return !w.focused(tb) })
}

func (w *Window) focused(tb testing.TB) bool {
	tb.Helper()
	reply, err := xproto.GetInputFocus(w.conn).Reply()
	if err != nil {
		tb.Fatal(err)
	}
	return reply.Focus == w.id
}

// until waits for the window manager, which tells us of nothing.
func (w *Window) until(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			tb.Fatalf("the test window: waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

func (w *Window) loop() {
	defer close(w.closed)
	for {
		event, err := w.conn.WaitForEvent()
		switch {
		case event == nil && err == nil:
			return
		case event != nil:
			w.handle(event)
		}
	}
}

func (w *Window) handle(event xgb.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case xproto.ButtonPressEvent:
		w.state.Held++
		w.press(e)
	case xproto.ButtonReleaseEvent:
		w.state.Held--
		if to := part(e.EventX); e.Detail == 1 && to != w.pressed {
			w.state.Drags = append(w.state.Drags, w.pressed+" to "+to)
		}
	case xproto.MotionNotifyEvent:
		w.state.Moves++
	case xproto.KeyPressEvent:
		w.state.Held++
		w.key(e)
	case xproto.KeyReleaseEvent:
		w.state.Held--
	case xproto.MappingNotifyEvent:
		_ = w.readKeys() // on failure the old keys stay, which the test will see
	case xproto.PropertyNotifyEvent:
		if e.Atom == w.extents {
			w.answers <- struct{}{}
		}
	case xproto.ClientMessageEvent:
		w.marks <- e.Data.Data32[0]
	}
}

func part(x int16) string {
	if x < buttonRight {
		return "button"
	}
	return "area"
}

func (w *Window) press(e xproto.ButtonPressEvent) {
	switch e.Detail {
	case 1:
		w.pressed = part(e.EventX)
		w.double(e)
		if w.pressed == "button" {
			w.state.Clicks++
		}
	case 3:
		w.state.Rights++
	case 4:
		w.state.Scrolled--
	case 5:
		w.state.Scrolled++
	}
}

// double counts double clicks as toolkits do: two presses at one place, close in
// time; the third begins anew.
func (w *Window) double(e xproto.ButtonPressEvent) {
	const (
		soon = 500 // ms
		near = 5   // pixels
	)
	dx, dy := e.RootX-w.last.RootX, e.RootY-w.last.RootY
	if w.last.Detail == e.Detail && e.Time-w.last.Time <= soon && max(dx, -dx) <= near && max(dy, -dy) <= near {
		w.state.Doubles++
		w.last = xproto.ButtonPressEvent{}
		return
	}
	w.last = e
}

func (w *Window) readKeys() error {
	setup := xproto.Setup(w.conn)
	w.first = setup.MinKeycode
	keymap, err := xproto.GetKeyboardMapping(w.conn, w.first, byte(setup.MaxKeycode-w.first+1)).Reply()
	if err != nil {
		return fmt.Errorf("read the keyboard: %w", err)
	}
	w.keymap = keymap
	return nil
}

// key looks the symbol up as programs do: when the event is handled, in the group
// of the layout that the event names.
func (w *Window) key(e xproto.KeyPressEvent) {
	width := int(w.keymap.KeysymsPerKeycode)
	row := w.keymap.Keysyms[int(e.Detail-w.first)*width:][:width]
	if group := e.State >> 13 & 3; group == 1 && width >= 4 && (row[2] != 0 || row[3] != 0) {
		row = row[2:4]
	}
	plain, sym := row[0], row[0]
	if e.State&xproto.ModMaskShift != 0 && row[1] != 0 {
		sym = row[1]
	}
	var held []string
	for _, m := range []struct {
		mask uint16
		name string
	}{{xproto.ModMaskControl, "ctrl"}, {xproto.ModMask1, "alt"}, {xproto.ModMask4, "super"}} {
		if e.State&m.mask != 0 {
			held = append(held, m.name)
		}
	}
	r, isRune := keysym.Rune(sym)
	switch {
	case plain >= 0xffe1 && plain <= 0xffee: // a modifier by itself
	case len(held) > 0 && plain < 0x100:
		w.state.Keys = append(w.state.Keys, strings.Join(append(held, string(rune(plain))), "+"))
	case isRune:
		w.state.Text += string(r)
	default:
		w.state.Keys = append(w.state.Keys, fmt.Sprintf("%#x", sym))
	}
}
