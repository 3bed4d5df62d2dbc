// Package xgrab takes pictures of an X display over one connection that it
// keeps. The library behind xshot opens one for each picture and prepares the
// X extensions anew each time, which writes to tables that every other
// connection of the process reads.
package xgrab

import (
	"context"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	"github.com/jezek/xgb"

	"github.com/grokputer/grokputer/services/observer"
)

// Capturer is an observer.Capturer of a monitor or of all. The connection is opened when
// it is first used, and again after it broke. It is safe for concurrent use.
type Capturer struct {
	display string
	monitor observer.Monitor

	mu   sync.Mutex
	conn *session
}

// New returns a Capturer for a display such as ":7", $DISPLAY when empty, and
// one of its monitors or all.
func New(display string, monitor observer.Monitor) *Capturer {
	// xgb writes notices to standard error that say nothing the errors do not.
	xgb.Logger.SetOutput(io.Discard)
	return &Capturer{display: display, monitor: monitor}
}

// Close closes the connection.
func (c *Capturer) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop()
}

func (c *Capturer) drop() {
	if c.conn != nil {
		c.conn.close()
		c.conn = nil
	}
}

// Capture implements observer.Capturer.
func (c *Capturer) Capture(ctx context.Context) (observer.Capture, error) {
	return within(ctx, c.capture)
}

func (c *Capturer) capture() (observer.Capture, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		s, err := open(c.display)
		if err != nil {
			return observer.Capture{}, fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
		}
		c.conn = s
	}
	monitor, err := c.conn.monitor(c.monitor)
	var picture *image.RGBA
	if err == nil {
		picture, err = c.conn.picture(monitor.Bounds)
	}
	if err != nil {
		// A connection that the server closed stays closed.
		c.drop()
		return observer.Capture{}, fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
	}
	return observer.Capture{Image: picture, Monitor: monitor.Number, Origin: monitor.Bounds.Min, Scale: 1, Time: time.Now()}, nil
}
