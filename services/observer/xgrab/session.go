package xgrab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math"
	"math/bits"
	"os"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/xmonitor"
	"github.com/grokputer/grokputer/services/observer"
)

// errPixels means that the screen's pixels are laid out in a way that is not read here.
var errPixels = errors.New("the screen's pixels are not 32 bits of blue, green, red")

// session is a connection to a display.
type session struct {
	conn   *xgb.Conn
	screen *xproto.ScreenInfo
}

func open(display string) (*session, error) {
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		if display == "" {
			display = os.Getenv("DISPLAY")
		}
		return nil, fmt.Errorf("connect to the X display %q: %w", display, err)
	}
	s := &session{conn: conn, screen: xproto.Setup(conn).DefaultScreen(conn)}
	if err := errors.Join(xmonitor.Prepare(conn), s.check()); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

func (s *session) close() { s.conn.Close() }

// check reports whether the root window's pixels are 4 bytes in the order blue,
// green, red, unused: what X servers have on little-endian machines at depth 24.
func (s *session) check() error {
	setup := xproto.Setup(s.conn)
	if setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return errPixels
	}
	for _, f := range setup.PixmapFormats {
		if f.Depth == s.screen.RootDepth && f.BitsPerPixel != 32 {
			return errPixels
		}
	}
	for _, d := range s.screen.AllowedDepths {
		for _, v := range d.Visuals {
			if v.VisualId == s.screen.RootVisual && (v.RedMask != 0xff0000 || v.GreenMask != 0xff00 || v.BlueMask != 0xff) {
				return errPixels
			}
		}
	}
	return nil
}

// monitor is the monitor that is meant.
func (s *session) monitor(which observer.Monitor) (contracts.Monitor, error) {
	monitors, err := xmonitor.List(s.conn)
	if err != nil {
		return contracts.Monitor{}, err
	}
	var attention image.Rectangle
	if which == observer.MonitorFocused {
		if attention, err = xmonitor.Attention(s.conn); err != nil {
			return contracts.Monitor{}, err
		}
	}
	return which.Pick(monitors, attention)
}

// picture copies a rectangle of the screen. The result begins at (0, 0).
func (s *session) picture(r image.Rectangle) (*image.RGBA, error) {
	reply, err := xproto.GetImage(s.conn, xproto.ImageFormatZPixmap, xproto.Drawable(s.screen.Root),
		int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()), math.MaxUint32).Reply()
	if err != nil {
		return nil, fmt.Errorf("copy the screen: %w", err)
	}
	picture := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	if len(reply.Data) < len(picture.Pix) {
		return nil, fmt.Errorf("copy the screen: %d of %d bytes came", len(reply.Data), len(picture.Pix))
	}
	const opaque = 0xff000000
	for i := 0; i < len(picture.Pix); i += 4 { // blue, green, red, unused to red, green, blue, alpha
		pixel := bits.ReverseBytes32(binary.LittleEndian.Uint32(reply.Data[i:]) << 8)
		binary.LittleEndian.PutUint32(picture.Pix[i:], pixel|opaque)
	}
	return picture, nil
}
