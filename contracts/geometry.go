package contracts

import (
	"errors"
	"fmt"
	"image"
	"math"
)

// AllMonitors is the number of a picture that shows the whole desktop.
const AllMonitors = -1

// ErrGeometry tells that a picture does not lie on the desktop as the monitors
// are now: one has gone, or has another place, size or scale. The screen has to
// be looked at again.
var ErrGeometry = errors.New("the monitors are not those of the picture")

// Monitor is one monitor of a desktop.
type Monitor struct {
	// Number is counted from 0.
	Number int
	// Bounds are in the pointer's coordinates.
	Bounds image.Rectangle
}

// String is the monitor as errors name it: monitor 1 (1024x768 at 1280,0).
func (m Monitor) String() string { return named(m.Number, m.Bounds) }

func named(number int, r image.Rectangle) string {
	name := fmt.Sprintf("monitor %d", number)
	if number == AllMonitors {
		name = "the whole desktop"
	}
	return fmt.Sprintf("%s (%dx%d at %d,%d)", name, r.Dx(), r.Dy(), r.Min.X, r.Min.Y)
}

// FindMonitor returns the bounds of a monitor, or of all together for
// AllMonitors. The error is an ErrGeometry.
func FindMonitor(monitors []Monitor, number int) (image.Rectangle, error) {
	var all image.Rectangle
	for _, m := range monitors {
		if m.Number == number {
			return m.Bounds, nil
		}
		all = all.Union(m.Bounds)
	}
	if number == AllMonitors && !all.Empty() {
		return all, nil
	}
	return image.Rectangle{}, fmt.Errorf("%w: there is no monitor %d (of %d)", ErrGeometry, number, len(monitors))
}

// Geometry is how a picture lies on the desktop. It is the one place where the
// picture's pixels and the pointer's coordinates meet: eyes and hands both use
// it.
type Geometry struct {
	// Monitor is the number of the monitor that is shown, or AllMonitors.
	Monitor int
	// Origin is the picture's upper left corner, in the pointer's coordinates.
	Origin image.Point
	// Size of the picture, in its pixels.
	Size image.Point
	// Scale is the picture's pixels for each of the pointer's; 0 stands for 1.
	Scale float64
}

// Geometry is how the frame lies on the desktop.
func (f Frame) Geometry() Geometry {
	return Geometry{
		Monitor: f.Monitor, Origin: image.Pt(f.OriginX, f.OriginY),
		Size: image.Pt(f.Width, f.Height), Scale: f.Scale,
	}
}

// exact is by how much a result of a division may miss the whole number that
// it is meant to be.
const exact = 1e-6

func (g Geometry) scale() float64 {
	if g.Scale <= 0 {
		return 1
	}
	return g.Scale
}

// Pointer returns where the pointer is over a pixel of the picture: the whole
// part of origin + p/scale.
func (g Geometry) Pointer(p image.Point) image.Point {
	scale := g.scale()
	return g.Origin.Add(image.Pt(
		int(math.Floor(float64(p.X)/scale+exact)),
		int(math.Floor(float64(p.Y)/scale+exact)),
	))
}

// Picture returns the pixels of the picture that show a rectangle of the
// desktop: those that Pointer maps into it.
func (g Geometry) Picture(r image.Rectangle) image.Rectangle {
	return image.Rectangle{Min: g.first(r.Min), Max: g.first(r.Max)}
}

// Desktop returns where the pointer is over a rectangle of the picture: all places
// of its pixels.
func (g Geometry) Desktop(r image.Rectangle) image.Rectangle {
	last := image.Pt(1, 1)
	return image.Rectangle{Min: g.Pointer(r.Min), Max: g.Pointer(r.Max.Sub(last)).Add(last)}
}

// first is the first pixel, in both directions, that Pointer maps to q or
// beyond it.
func (g Geometry) first(q image.Point) image.Point {
	scale := g.scale()
	q = q.Sub(g.Origin)
	return image.Pt(
		int(math.Ceil(float64(q.X)*scale-exact)),
		int(math.Ceil(float64(q.Y)*scale-exact)),
	)
}

// Check reports whether the picture lies on the desktop as the monitors are
// now. The error is an ErrGeometry that says what has changed.
func (g Geometry) Check(monitors []Monitor) error {
	now, err := FindMonitor(monitors, g.Monitor)
	if err != nil {
		return err
	}
	scale := g.scale()
	fits := func(pixels, points int) bool { return math.Abs(float64(pixels)-float64(points)*scale) < 1 }
	if now.Min == g.Origin && fits(g.Size.X, now.Dx()) && fits(g.Size.Y, now.Dy()) {
		return nil
	}
	return fmt.Errorf("%w: it is %dx%d pixels at scale %g from %d,%d, and %s is there now",
		ErrGeometry, g.Size.X, g.Size.Y, scale, g.Origin.X, g.Origin.Y, named(g.Monitor, now))
}
