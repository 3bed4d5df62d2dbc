package observer

import (
	"context"
	"image"

	"github.com/grokputer/grokputer/contracts/screen"
)

// Line is one line of text that was found and is yet to be read.
type Line struct {
	// Box is where the ink is, in the capture's pixels.
	Box image.Rectangle
	// Picture is the line alone, dark on white, at the capture's scale, with a
	// margin around the ink.
	Picture *image.Gray
	// Glyphs are the boxes of ink that stand apart from each other, from left
	// to right, in the picture's pixels: one for each character, unless some
	// touch.
	Glyphs []image.Rectangle
	// Blank is how many empty lines there are above it.
	Blank int
}

// Region is an element that was found: its text is that of its lines.
type Region struct {
	Kind  screen.Kind
	Box   image.Rectangle
	Lines []Line
	// Symbol is what it says where its shape tells that without reading, such as
	// "▲": the reader is not asked for its lines then.
	Symbol string
	// Name is what the picture on it shows, such as "delete", and Sure how sure that
	// is: it counts where nothing is read and there is no symbol.
	Name string
	Sure float64
	// Checked is whether a check box or a radio button is on.
	Checked bool
	// Focused is whether it has a ring that says that what is typed goes there.
	Focused bool
}

// Finder finds elements on a picture. It is safe for concurrent use.
type Finder interface {
	// Find returns the elements in reading order. Windows are in the capture's
	// pixels, the topmost first; what they cover is not looked at, nor is
	// their decoration. Without windows the whole picture counts as one.
	Find(ctx context.Context, picture *image.RGBA, windows []Window) ([]Region, error)
}
