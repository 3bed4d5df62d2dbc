package cli

import (
	"context"
	"image"
	"time"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/icon"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/x11"
	"github.com/grokputer/grokputer/services/observer/xgrab"
)

const (
	// bareStill is how long nothing must move before the eyes look, and
	// bareStillMost how long that is waited for.
	bareStill, bareStillMost = 200 * time.Millisecond, 5 * time.Second
	// pageStill is for pages that say themselves when they have changed.
	pageStill = 60 * time.Millisecond
)

// bareEyes are the observer's eyes without its service, as house joins them.
type bareEyes struct {
	capturer *xgrab.Capturer
	desk     *x11.Desk
	reader   observer.Reader
	eyes     *observer.Eyes
	still    time.Duration
}

// newBareEyes looks at a display with a reader, which close leaves open.
func newBareEyes(display string, reader observer.Reader) *bareEyes {
	e := &bareEyes{capturer: xgrab.New(display, 0), desk: x11.New(display), reader: reader, still: bareStill}
	e.forget()
	return e
}

// forget has the next look be the first.
func (e *bareEyes) forget() {
	e.eyes = observer.NewEyes(e.capturer, e.desk, observer.Named(layout.New(), icon.Find), e.reader)
}

// Look implements stage.Eyes.
func (e *bareEyes) Look(ctx context.Context, fresh bool) (image.Image, screen.Screen, error) {
	if fresh {
		e.forget()
	}
	c, s, err := e.eyes.Look(ctx)
	return c.Image, s, err
}

// Settle implements stage.Eyes.
func (e *bareEyes) Settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bareStillMost)
	defer cancel()
	return e.eyes.Settle(ctx, e.still)
}

func (e *bareEyes) close() {
	e.capturer.Close()
	e.desk.Close()
}
