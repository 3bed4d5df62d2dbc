package observer

import (
	"context"
	"image"
	"math"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Capture is one picture of a monitor. A point p of the picture, in its
// pixels, is at Origin + p/Scale in the pointer's coordinates.
type Capture struct {
	// Image has its upper left corner at (0, 0).
	Image   *image.RGBA
	Monitor int
	Origin  image.Point
	Scale   float64
	Time    time.Time
}

// FromDesktop converts a rectangle of the pointer's coordinates to the
// picture's pixels.
func (c Capture) FromDesktop(r image.Rectangle) image.Rectangle {
	scale := c.Scale
	if scale == 0 {
		scale = 1
	}
	at := func(p image.Point) image.Point {
		p = p.Sub(c.Origin)
		return image.Pt(int(float64(p.X)*scale), int(float64(p.Y)*scale))
	}
	return image.Rectangle{Min: at(r.Min), Max: at(r.Max)}
}

// toDesktop converts a rectangle of the picture's pixels to the pointer's
// coordinates, such that all of it is inside.
func (c Capture) toDesktop(r image.Rectangle) image.Rectangle {
	scale := c.Scale
	if scale == 0 {
		scale = 1
	}
	least := func(v int) int { return int(math.Floor(float64(v) / scale)) }
	most := func(v int) int { return int(math.Ceil(float64(v) / scale)) }
	return image.Rect(least(r.Min.X), least(r.Min.Y), most(r.Max.X), most(r.Max.Y)).Add(c.Origin)
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
