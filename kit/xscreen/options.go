package xscreen

import (
	"fmt"
	"log/slog"
)

// The size of a screen unless told otherwise, in pixels, and bits per pixel.
const (
	DefaultWidth  = 1280
	DefaultHeight = 800
	DefaultDepth  = 24
)

// maxSide is the X protocol's limit on coordinates.
const maxSide = 32767

// Options are the settings of a screen.
type Options struct {
	// Width and Height are in pixels, Depth in bits per pixel; the defaults
	// stand for 0.
	Width, Height, Depth int
	// WindowManager starts openbox on the screen.
	WindowManager bool
	// Log gets what the screen's programs complain of; none when nil.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Width == 0 {
		o.Width = DefaultWidth
	}
	if o.Height == 0 {
		o.Height = DefaultHeight
	}
	if o.Depth == 0 {
		o.Depth = DefaultDepth
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Validate names the first field that cannot be used and why.
func (o Options) Validate() error {
	switch {
	case o.Width < 1 || o.Width > maxSide:
		return fmt.Errorf("screen: Width %d is not from 1 to %d", o.Width, maxSide)
	case o.Height < 1 || o.Height > maxSide:
		return fmt.Errorf("screen: Height %d is not from 1 to %d", o.Height, maxSide)
	case o.Depth != 16 && o.Depth != 24:
		return fmt.Errorf("screen: Depth %d is neither 16 nor 24", o.Depth)
	default:
		return nil
	}
}
