package actor

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	_ "image/png" // the format of frames
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
)

// A text cursor that blinks is at most this large, in pixels at scale 1.
const (
	cursorWidth  = 3
	cursorHeight = 48
)

// changed reports whether two views differ in more than a blinking text cursor:
// in what was read, or, where that is equal, in the pictures. Pictures that
// cannot be fetched count as different: that is never a reason to give up.
func (t *task) changed(ctx context.Context, before, after View) bool {
	if before.Frame.Image.SHA256 == after.Frame.Image.SHA256 {
		return false
	}
	if !sameWords(before.Screen, after.Screen) {
		return true
	}
	var pictures [2]image.Image
	for i, v := range []View{before, after} {
		data, err := t.ports.Frames.Get(ctx, v.Frame.Image)
		if err == nil {
			pictures[i], _, err = image.Decode(bytes.NewReader(data))
		}
		if err != nil {
			t.log.Warn("two pictures cannot be compared", "err", err)
			return true
		}
	}
	return !isCursor(difference(pictures[0], pictures[1]), max(after.Frame.Scale, 1))
}

// Changed reports whether a screen differs from one before as the planner is told of
// it: in what was read, or, where that is equal, in more of the pictures than a
// blinking text cursor. Scale is the pictures' pixels for each of the pointer's.
func Changed(before, after screen.Screen, pictureBefore, pictureAfter image.Image, scale float64) bool {
	return !sameWords(before, after) || !isCursor(difference(pictureBefore, pictureAfter), max(scale, 1))
}

// sameWords reports whether the same was read on two screens.
func sameWords(a, b screen.Screen) bool {
	return a.Title == b.Title && slices.EqualFunc(a.Elements, b.Elements, same)
}

// same reports whether two elements say the same, about in the same place.
func same(a, b screen.Element) bool {
	const slack = 3 // pixels by which readers differ from one reading to the next
	near := func(x, y int) bool { return x-y <= slack && y-x <= slack }
	return a.Kind == b.Kind && a.Text == b.Text &&
		near(a.Box.X, b.Box.X) && near(a.Box.Y, b.Box.Y) && near(a.Box.W, b.Box.W) && near(a.Box.H, b.Box.H)
}

// difference is the smallest rectangle outside of which two pictures are equal.
func difference(a, b image.Image) image.Rectangle {
	bounds := a.Bounds().Union(b.Bounds())
	if a.Bounds() != b.Bounds() {
		return bounds
	}
	left, right := pixels(a), pixels(b)
	const pixel = 4 // bytes
	var all image.Rectangle
	for y := range bounds.Dy() {
		l, r := left.Pix[y*left.Stride:][:pixel*bounds.Dx()], right.Pix[y*right.Stride:][:pixel*bounds.Dx()]
		if bytes.Equal(l, r) {
			continue
		}
		for x := range bounds.Dx() {
			if !bytes.Equal(l[pixel*x:pixel*(x+1)], r[pixel*x:pixel*(x+1)]) {
				all = all.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return all
}

// pixels copies a picture into one with known layout.
func pixels(src image.Image) *image.RGBA {
	dst := image.NewRGBA(image.Rectangle{Max: src.Bounds().Size()})
	draw.Draw(dst, dst.Bounds(), src, src.Bounds().Min, draw.Src)
	return dst
}

// isCursor reports whether a difference is no larger than a text cursor.
func isCursor(r image.Rectangle, scale float64) bool {
	return float64(r.Dx()) <= cursorWidth*scale && float64(r.Dy()) <= cursorHeight*scale
}
