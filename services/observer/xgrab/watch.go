package xgrab

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/observer"
)

// fewParts is how many rectangles are copied one by one: above that the one
// around them all is.
const fewParts = 8

// watch is an observer.Watch on a connection of its own, by the DAMAGE extension
// (version 1.1): the server gathers where something was drawn, and is asked for
// it. Its events are not used. To have xgb know them would mean to write to a
// table that all connections of the process read, so it drops them.
type watch struct {
	session *session
	bounds  image.Rectangle
	drawn   damage.Damage
	where   xfixes.Region
	picture *image.RGBA
}

var _ observer.Watcher = (*Capturer)(nil)

// Watch implements observer.Watcher.
func (c *Capturer) Watch(ctx context.Context) (observer.Watch, error) {
	w, err := within(ctx, func() (*watch, error) {
		s, err := open(c.display)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
		}
		w := &watch{session: s}
		if err := w.begin(c.monitor); err != nil {
			s.close()
			return nil, err
		}
		return w, nil
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (w *watch) begin(which observer.Monitor) error {
	conn := w.session.conn
	monitor, err := w.session.monitor(which)
	if err != nil {
		return fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
	}
	w.bounds = monitor.Bounds
	for _, name := range []string{"XFIXES", "DAMAGE"} {
		if err := enable(conn, name); err != nil {
			return err
		}
	}
	if _, err := xfixes.QueryVersion(conn, 2, 0).Reply(); err != nil {
		return fmt.Errorf("use XFIXES: %w", err)
	}
	if _, err := damage.QueryVersion(conn, 1, 1).Reply(); err != nil {
		return fmt.Errorf("use DAMAGE: %w", err)
	}
	if w.drawn, err = damage.NewDamageId(conn); err != nil {
		return fmt.Errorf("name a damage: %w", err)
	}
	if w.where, err = xfixes.NewRegionId(conn); err != nil {
		return fmt.Errorf("name a region: %w", err)
	}
	root := xproto.Drawable(w.session.screen.Root)
	return errors.Join(
		damage.CreateChecked(conn, w.drawn, root, damage.ReportLevelNonEmpty).Check(),
		xfixes.CreateRegionChecked(conn, w.where, nil).Check(),
	)
}

// enable lets requests of an extension be made on a connection. What its Init
// would do besides is not wanted here.
func enable(conn *xgb.Conn, extension string) error {
	reply, err := xproto.QueryExtension(conn, uint16(len(extension)), extension).Reply()
	if err != nil {
		return fmt.Errorf("ask for %s: %w", extension, err)
	}
	if !reply.Present {
		return fmt.Errorf("the X server has no %s", extension)
	}
	conn.ExtLock.Lock()
	defer conn.ExtLock.Unlock()
	conn.Extensions[extension] = reply.MajorOpcode
	return nil
}

// Look implements observer.Watch.
func (w *watch) Look(ctx context.Context) (picture *image.RGBA, drawn bool, err error) {
	drawn, err = within(ctx, w.look)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
	}
	return w.picture, drawn, nil
}

// look brings the picture up to date.
func (w *watch) look() (bool, error) {
	// What is drawn between this and the copy is noted again, and copied twice.
	parts, err := w.parts()
	if err != nil {
		return false, err
	}
	if w.picture == nil {
		w.picture, err = w.session.picture(w.bounds)
		return true, err
	}
	if len(parts) == 0 {
		return false, nil
	}
	now := image.NewRGBA(w.picture.Rect)
	copy(now.Pix, w.picture.Pix)
	for _, part := range parts {
		fresh, err := w.session.picture(part)
		if err != nil {
			return false, err
		}
		draw.Draw(now, part.Sub(w.bounds.Min), fresh, image.Point{}, draw.Src)
	}
	w.picture = now
	return true, nil
}

// parts are where something was drawn since the last call, inside the monitor.
func (w *watch) parts() ([]image.Rectangle, error) {
	conn := w.session.conn
	damage.Subtract(conn, w.drawn, xfixes.RegionNone, w.where)
	reply, err := xfixes.FetchRegion(conn, w.where).Reply()
	if err != nil {
		return nil, fmt.Errorf("ask what was drawn: %w", err)
	}
	drawn := reply.Rectangles
	if len(drawn) > fewParts {
		drawn = []xproto.Rectangle{reply.Extents}
	}
	var parts []image.Rectangle
	for _, r := range drawn {
		x, y := int(r.X), int(r.Y)
		if part := image.Rect(x, y, x+int(r.Width), y+int(r.Height)).Intersect(w.bounds); !part.Empty() {
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// Close implements observer.Watch.
func (w *watch) Close() { w.session.close() }

// within runs f, but no longer than ctx: xgb waits for its replies without a
// deadline.
func within[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	back := make(chan answer, 1)
	go func() {
		value, err := f()
		back <- answer{value, err}
	}()
	select {
	case a := <-back:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("%w: the X server does not answer: %w", observer.ErrNoScreen, ctx.Err())
	}
}
