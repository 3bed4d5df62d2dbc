package observer

import (
	"context"
	"image"
)

// Watcher is a Capturer that knows when something was drawn: a screen on which
// nothing happens need not be copied again and again to see that.
type Watcher interface {
	Capturer
	// Watch begins to note what is drawn on the monitor that a capture would show
	// now. The error is an ErrNoScreen, or says why it cannot be noted.
	Watch(ctx context.Context) (Watch, error)
}

// Watch looks at a monitor repeatedly. It is for one goroutine.
type Watch interface {
	// Look returns the picture as it is now. drawn is false when nothing was drawn
	// since the last Look. A picture that was returned stays as it is. The error
	// is an ErrNoScreen.
	Look(ctx context.Context) (picture *image.RGBA, drawn bool, err error)
	// Close ends the watch.
	Close()
}

// glances are a Watch that copies the screen each time.
type glances struct{ Capturer }

func (g glances) Look(ctx context.Context) (*image.RGBA, bool, error) {
	c, err := g.Capture(ctx)
	return c.Image, true, err
}

func (glances) Close() {}
