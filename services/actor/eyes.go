package actor

import (
	"context"
	"errors"
	"image"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

// ErrBlind means that the screen could not be seen. The message says why.
var ErrBlind = errors.New("the screen could not be read")

// Eyes see the desktop.
type Eyes interface {
	// Look captures the screen and reads it. Errors are an ErrBlind or ctx's.
	Look(ctx context.Context, how Look) (View, error)
}

// Look is how to look.
type Look struct {
	TaskID string
	// Still is how long the screen must not have changed before it is captured;
	// 0 captures at once.
	Still time.Duration
	// Most bounds the wait for stillness.
	Most time.Duration
	// Hide is what must not be seen.
	Hide Hide
}

// Hide is what has been typed and must not be seen: neither on a picture nor in
// what is read.
type Hide struct {
	// Areas are where it stands, in the pointer's coordinates.
	Areas []screen.Box
	// Since is the picture before it was typed: what differs from it is hidden.
	Since *contracts.Blob
	// Secrets are the names of what was typed.
	Secrets []string
}

// View is what was seen.
type View struct {
	Frame  contracts.Frame
	Screen screen.Screen
	// Hidden are the areas that cannot be seen, in the pointer's coordinates.
	Hidden []screen.Box
	// Moving are the areas in which something moves by itself, in the pointer's
	// coordinates. They are known only where a still screen was waited for.
	Moving []screen.Box
	// Windows is how many windows can be seen; 0 when that is not known.
	Windows int
}

// pointer returns the place of the pointer at the middle of an element.
func (v View) pointer(e screen.Element) Point {
	x, y := e.Box.Center()
	return v.place(x, y)
}

// middle returns the place of the pointer at the middle of the picture.
func (v View) middle() Point { return v.place(v.Frame.Width/2, v.Frame.Height/2) }

// place maps a point of the picture to the pointer's coordinates.
func (v View) place(x, y int) Point {
	at := v.Frame.Geometry().Pointer(image.Pt(x, y))
	return Point{X: at.X, Y: at.Y}
}

// Frames give the pictures that views point to.
type Frames interface {
	// Get returns a picture as the observer stored it, its hash checked.
	Get(ctx context.Context, b contracts.Blob) ([]byte, error)
}
