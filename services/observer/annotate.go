package observer

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/grokputer/grokputer/contracts/screen"
)

// Annotate returns a copy of a picture with a box in its kind's colour around
// each element of the screen, and on its upper edge the kind's name and its state.
func Annotate(picture image.Image, s screen.Screen) *image.RGBA {
	out := image.NewRGBA(picture.Bounds())
	draw.Draw(out, out.Rect, picture, picture.Bounds().Min, draw.Src)
	for _, e := range s.Elements {
		r := image.Rect(e.Box.X, e.Box.Y, e.Box.X+e.Box.W, e.Box.Y+e.Box.H).Add(out.Rect.Min)
		outline(out, r, kindColour(e.Kind))
		label(out, r, string(e.Kind)+e.State(), kindColour(e.Kind))
	}
	return out
}

// outline draws a border of two pixels around r.
func outline(on *image.RGBA, r image.Rectangle, c color.Color) {
	const thick = 2
	o := r.Inset(-thick)
	for _, side := range []image.Rectangle{
		{o.Min, image.Pt(o.Max.X, r.Min.Y)},
		{image.Pt(o.Min.X, r.Max.Y), o.Max},
		{o.Min, image.Pt(r.Min.X, o.Max.Y)},
		{image.Pt(r.Max.X, o.Min.Y), o.Max},
	} {
		draw.Draw(on, side.Intersect(on.Rect), image.NewUniform(c), image.Point{}, draw.Src)
	}
}

// label writes a name in white on the box's colour, above the upper left corner
// of r where there is room, and in it where there is none.
func label(on *image.RGBA, r image.Rectangle, name string, c color.Color) {
	face := basicfont.Face7x13
	tag := image.Rect(0, 0, face.Advance*len(name)+2, face.Ascent+1)
	at := image.Pt(r.Min.X, r.Min.Y-tag.Dy())
	if at.Y < on.Rect.Min.Y {
		at.Y = r.Min.Y
	}
	tag = tag.Add(at)
	draw.Draw(on, tag.Intersect(on.Rect), image.NewUniform(c), image.Point{}, draw.Src)
	d := font.Drawer{Dst: on, Src: image.White, Face: face, Dot: fixed.P(tag.Min.X+1, tag.Max.Y-2)}
	d.DrawString(name)
}

func kindColour(k screen.Kind) color.Color {
	switch k {
	case screen.Button:
		return color.RGBA{0x1a, 0x73, 0xe8, 0xff}
	case screen.Field:
		return color.RGBA{0x18, 0x80, 0x38, 0xff}
	case screen.Menu, screen.Tab:
		return color.RGBA{0xa1, 0x42, 0xf4, 0xff}
	case screen.Check, screen.Radio:
		return color.RGBA{0xe3, 0x74, 0x00, 0xff}
	case screen.Link:
		return color.RGBA{0x00, 0x9a, 0xa6, 0xff}
	default:
		return color.RGBA{0xd9, 0x30, 0x25, 0xff}
	}
}
