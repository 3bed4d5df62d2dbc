package xgrab

import (
	"errors"
	"fmt"
	"image"
	"math"
	"os"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xinerama"
	"github.com/jezek/xgb/xproto"
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
	if err := errors.Join(xinerama.Init(conn), s.check()); err != nil {
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

// bounds is a monitor's place in the pointer's coordinates.
func (s *session) bounds(monitor int) (image.Rectangle, error) {
	reply, err := xinerama.QueryScreens(s.conn).Reply()
	if err != nil {
		return image.Rectangle{}, fmt.Errorf("ask for the monitors: %w", err)
	}
	if monitor < 0 || monitor >= len(reply.ScreenInfo) {
		return image.Rectangle{}, fmt.Errorf("there is no monitor %d (of %d)", monitor, len(reply.ScreenInfo))
	}
	m := reply.ScreenInfo[monitor]
	return image.Rect(int(m.XOrg), int(m.YOrg), int(m.XOrg)+int(m.Width), int(m.YOrg)+int(m.Height)), nil
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
	for i := 0; i < len(picture.Pix); i += 4 {
		picture.Pix[i], picture.Pix[i+1], picture.Pix[i+2], picture.Pix[i+3] = reply.Data[i+2], reply.Data[i+1], reply.Data[i], 0xff
	}
	return picture, nil
}
