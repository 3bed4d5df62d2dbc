package sim

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"github.com/grokputer/grokputer/services/observer"
)

// Desktop is an observer.Capturer and an observer.Desk: it shows what it was
// told to. It is safe for concurrent use.
type Desktop struct {
	mu      sync.Mutex
	picture *image.RGBA
	windows []observer.Window
	err     error
	looks   int
	// show, when it is set, makes the picture at each capture.
	show func() *image.RGBA
}

// NewDesktop returns a desktop that shows one picture.
func NewDesktop(picture *image.RGBA, windows ...observer.Window) *Desktop {
	return &Desktop{picture: picture, windows: windows}
}

// Show changes what can be seen.
func (d *Desktop) Show(picture *image.RGBA, windows ...observer.Window) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.picture, d.windows, d.show = picture, windows, nil
}

// Play has each capture show what f returns.
func (d *Desktop) Play(f func() *image.RGBA) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.show = f
}

// Fail has everything fail with an error from now on, nil for no more.
func (d *Desktop) Fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// Looks is how often the desktop was captured.
func (d *Desktop) Looks() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.looks
}

// Capture implements observer.Capturer.
func (d *Desktop) Capture(ctx context.Context) (observer.Capture, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ready(ctx); err != nil {
		return observer.Capture{}, err
	}
	d.looks++
	picture := d.picture
	if d.show != nil {
		picture = d.show()
	}
	return observer.Capture{Image: picture, Scale: 1, Time: time.Now()}, nil
}

// Windows implements observer.Desk.
func (d *Desktop) Windows(ctx context.Context) ([]observer.Window, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ready(ctx); err != nil {
		return nil, err
	}
	return slices.Clone(d.windows), nil
}

func (d *Desktop) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
	}
	return d.err
}
