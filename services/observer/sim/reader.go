package sim

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"strings"

	"github.com/grokputer/grokputer/services/observer"
)

// Reader is an observer.Reader that knows the typeface of Canvas and reads it
// without a fault. What is not in that typeface it reads as nothing. It keeps
// no state and is safe for concurrent use.
type Reader struct{}

// firstRune and lastRune are the characters that can be read.
const (
	firstRune = '!'
	lastRune  = '~'
)

type cell [CellHeight]uint8 // a bit for each pixel, the leftmost highest

// Read implements observer.Reader.
func (Reader) Read(ctx context.Context, picture *image.Gray) ([]observer.Word, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	glyphs := glyphs()
	b := picture.Bounds()
	// The cells may begin anywhere: the first place where the ink of a row of
	// them is known text is the line's.
	for y := b.Min.Y - 3; y+CellHeight <= b.Max.Y+3; y++ {
		for x := b.Min.X - CellWidth + 1; x < b.Min.X+2*CellWidth && x < b.Max.X; x++ {
			if words := row(picture, image.Pt(x, y), glyphs); len(words) > 0 {
				return words, nil
			}
		}
	}
	return nil, nil
}

// row reads cells from a point to the picture's right edge; nothing when one of
// them is no glyph or ink is left over above or below.
func row(picture *image.Gray, at image.Point, glyphs map[cell]rune) []observer.Word {
	b := picture.Bounds()
	if inked(picture, image.Rect(b.Min.X, b.Min.Y, b.Max.X, at.Y)) ||
		inked(picture, image.Rect(b.Min.X, at.Y+CellHeight, b.Max.X, b.Max.Y)) ||
		inked(picture, image.Rect(b.Min.X, b.Min.Y, at.X, b.Max.Y)) {
		return nil
	}
	var words []observer.Word
	var text strings.Builder
	begin := at.X
	end := func(x int) {
		if text.Len() > 0 {
			words = append(words, observer.Word{
				Text: text.String(), Confidence: 1,
				Box: image.Rect(begin, at.Y, x, at.Y+CellHeight).Intersect(b),
			})
			text.Reset()
		}
	}
	x := at.X
	for ; x < b.Max.X; x += CellWidth {
		c := look(picture, x, at.Y)
		if c == (cell{}) {
			end(x)
			continue
		}
		r, ok := glyphs[c]
		if !ok {
			return nil
		}
		if text.Len() == 0 {
			begin = x
		}
		text.WriteRune(r)
	}
	end(x)
	return words
}

func inked(picture *image.Gray, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if dark(picture, x, y) {
				return true
			}
		}
	}
	return false
}

// look is the cell at a place; outside the picture there is no ink.
func look(picture *image.Gray, x, y int) cell {
	var c cell
	for dy := range CellHeight {
		for dx := range CellWidth {
			if dark(picture, x+dx, y+dy) {
				c[dy] |= 1 << (7 - dx)
			}
		}
	}
	return c
}

func dark(picture *image.Gray, x, y int) bool {
	return image.Pt(x, y).In(picture.Rect) && picture.GrayAt(x, y).Y < 0x80
}

// glyphs are the cells of all characters that can be read.
func glyphs() map[cell]rune {
	known := make(map[cell]rune, lastRune-firstRune+1)
	for r := rune(firstRune); r <= lastRune; r++ {
		c := NewCanvas(CellWidth, CellHeight, color.White)
		c.Text(0, 0, string(r), color.Black)
		known[look(c.Gray(), 0, 0)] = r
	}
	return known
}
