// Package x11 knows an X desktop's windows: their places, titles, roles and
// which one has the focus, by the window manager's properties (EWMH 1.5).
package x11

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/observer"
)

// Desk is an observer.Desk on a connection of its own, which is opened when it
// is first used and again after it broke. It is safe for concurrent use.
type Desk struct {
	display string

	mu   sync.Mutex
	conn *session
}

// New returns a Desk for a display such as ":7"; "" takes $DISPLAY.
func New(display string) *Desk {
	// xgb writes notices to standard error that say nothing the errors do not.
	xgb.Logger.SetOutput(io.Discard)
	return &Desk{display: display}
}

// Close closes the connection.
func (d *Desk) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drop()
}

// Windows implements observer.Desk.
func (d *Desk) Windows(ctx context.Context) ([]observer.Window, error) {
	type answer struct {
		windows []observer.Window
		err     error
	}
	back := make(chan answer, 1)
	// xgb waits for its replies without a deadline.
	go func() {
		windows, err := d.windows()
		back <- answer{windows, err}
	}()
	select {
	case a := <-back:
		return a.windows, a.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: the X server does not answer: %w", observer.ErrNoScreen, ctx.Err())
	}
}

func (d *Desk) windows() ([]observer.Window, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == nil {
		s, err := open(d.display)
		if err != nil {
			return nil, err
		}
		d.conn = s
	}
	windows, err := d.conn.windows()
	if err != nil {
		// A connection that the server closed stays closed.
		d.drop()
		return nil, fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
	}
	return windows, nil
}

func (d *Desk) drop() {
	if d.conn != nil {
		d.conn.x.Close()
		d.conn = nil
	}
}

// session is a connection with the names of the properties that are read.
type session struct {
	x     *xgb.Conn
	root  xproto.Window
	atoms map[string]xproto.Atom
}

func open(display string) (*session, error) {
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, fmt.Errorf("%w: connect to the X display %q: %w", observer.ErrNoScreen, display, err)
	}
	s := &session{x: x, root: xproto.Setup(x).DefaultScreen(x).Root, atoms: make(map[string]xproto.Atom)}
	for _, name := range properties() {
		reply, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
		if err != nil {
			x.Close()
			return nil, fmt.Errorf("%w: ask for the atom %s: %w", observer.ErrNoScreen, name, err)
		}
		s.atoms[name] = reply.Atom
	}
	return s, nil
}

// windows lists the viewable children of the root window, the topmost first.
func (s *session) windows() ([]observer.Window, error) {
	tree, err := xproto.QueryTree(s.x, s.root).Reply()
	if err != nil {
		return nil, fmt.Errorf("list the windows: %w", err)
	}
	active, err := s.activeWindow()
	if err != nil {
		return nil, err
	}
	var windows []observer.Window
	for _, child := range slices.Backward(tree.Children) {
		w, err := s.window(child, active)
		switch {
		case errors.Is(err, errGone):
			// Closed while it was looked at.
		case err != nil:
			return nil, err
		case !w.Frame.Empty():
			windows = append(windows, w)
		}
	}
	return windows, nil
}

// window describes one child of the root, empty when it cannot be seen.
func (s *session) window(frame, active xproto.Window) (observer.Window, error) {
	attr, err := xproto.GetWindowAttributes(s.x, frame).Reply()
	if err != nil {
		return observer.Window{}, gone(err)
	}
	if attr.MapState != xproto.MapStateViewable || attr.Class != xproto.WindowClassInputOutput {
		return observer.Window{}, nil
	}
	w := observer.Window{Role: observer.RoleNormal}
	if w.Frame, err = s.place(frame); err != nil {
		return observer.Window{}, err
	}
	screen := xproto.Setup(s.x).DefaultScreen(s.x)
	if w.Frame.Intersect(image.Rect(0, 0, int(screen.WidthInPixels), int(screen.HeightInPixels))).Empty() {
		return observer.Window{}, nil
	}
	client, err := s.client(frame)
	if err != nil {
		return observer.Window{}, err
	}
	if w.Content, err = s.place(client); err != nil {
		return observer.Window{}, err
	}
	w.Focused = client == active
	if w.Title, err = s.title(client); err != nil {
		return observer.Window{}, err
	}
	if attr.OverrideRedirect && client == frame {
		if w.Role, err = s.role(client); err != nil {
			return observer.Window{}, err
		}
	}
	return w, nil
}

// client is the application's window within a frame of the window manager's:
// the one with WM_STATE (ICCCM 4.1.3.1); the frame itself without one.
func (s *session) client(frame xproto.Window) (xproto.Window, error) {
	state, err := s.property(frame, "WM_STATE", xproto.GetPropertyTypeAny)
	if err != nil {
		return 0, err
	}
	if len(state) > 0 {
		return frame, nil
	}
	tree, err := xproto.QueryTree(s.x, frame).Reply()
	if err != nil {
		return 0, gone(err)
	}
	for _, child := range tree.Children {
		state, err := s.property(child, "WM_STATE", xproto.GetPropertyTypeAny)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if len(state) > 0 {
			return child, nil
		}
	}
	return frame, nil
}

// place is a window's rectangle without its border, from the root's corner.
func (s *session) place(w xproto.Window) (image.Rectangle, error) {
	size, err := xproto.GetGeometry(s.x, xproto.Drawable(w)).Reply()
	if err != nil {
		return image.Rectangle{}, gone(err)
	}
	at, err := xproto.TranslateCoordinates(s.x, w, s.root, 0, 0).Reply()
	if err != nil {
		return image.Rectangle{}, gone(err)
	}
	x, y := int(at.DstX), int(at.DstY)
	return image.Rect(x, y, x+int(size.Width), y+int(size.Height)), nil
}
