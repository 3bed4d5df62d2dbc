package observer

import (
	"context"
	"image"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Capture is one picture of a monitor. Its Geometry maps the picture's pixels to
// the pointer's coordinates and back.
type Capture struct {
	// Image has its upper left corner at (0, 0).
	Image *image.RGBA
	// Monitor is a monitor's number or contracts.AllMonitors.
	Monitor int
	Origin  image.Point
	Scale   float64
	Time    time.Time
}

// Geometry is how the picture lies on the desktop.
func (c Capture) Geometry() contracts.Geometry {
	return contracts.Geometry{Monitor: c.Monitor, Origin: c.Origin, Size: c.Image.Rect.Size(), Scale: c.Scale}
}

// Frame describes the capture, whose picture is stored there and which took so
// long to read.
func (c Capture) Frame(stored contracts.Blob, read time.Duration) contracts.Frame {
	return contracts.Frame{
		Image: stored, Monitor: c.Monitor, OriginX: c.Origin.X, OriginY: c.Origin.Y,
		Width: c.Image.Rect.Dx(), Height: c.Image.Rect.Dy(), Scale: c.Scale,
		Time: c.Time, ReadMS: read.Milliseconds(),
	}
}

// Capturer takes pictures of one monitor. It is safe for concurrent use.
type Capturer interface {
	// Capture takes a picture now, or fails when ctx ends first. Without a
	// screen to capture the error is an ErrNoScreen.
	Capture(ctx context.Context) (Capture, error)
}
