package observer

import (
	"context"
	"image"
)

// Word is a word as it was read.
type Word struct {
	Text string
	// Box is in the picture's pixels.
	Box image.Rectangle
	// Confidence is the reader's, 0 to 1.
	Confidence float64
}

// Reader reads one line of text that a Finder cut out: dark on white. It is
// safe for concurrent use unless its documentation says otherwise.
type Reader interface {
	// Read returns the words from left to right, none when there is no text.
	Read(ctx context.Context, line *image.Gray) ([]Word, error)
}
