package sim

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// The cells of the typeface, in pixels: every character has one.
const (
	CellWidth  = 7
	CellHeight = 13
)

// Tint is a colour, 0xRRGGBB.
type Tint uint32

// RGBA implements color.Color.
func (t Tint) RGBA() (r, g, b, a uint32) {
	const full = 0x101 // 8 bits to 16
	return uint32(t>>16&0xff) * full, uint32(t>>8&0xff) * full, uint32(t&0xff) * full, 0xffff
}

// Colours that the toolkits' default themes use.
const (
	Pane  Tint = 0xf6f5f4 // the background of a window
	Paper Tint = 0xffffff // the background of what can be edited
	Face  Tint = 0xf4f3f2 // the upper end of a button's gradient
	Edge  Tint = 0xcdc7c2 // the border of a control
	Ink   Tint = 0x2e3436 // text
	Mark  Tint = 0x3584e4 // the background of selected text
)

// Canvas is a picture that controls are drawn on.
type Canvas struct{ *image.RGBA }

// NewCanvas returns a picture of one colour.
func NewCanvas(w, h int, c color.Color) Canvas {
	canvas := Canvas{image.NewRGBA(image.Rect(0, 0, w, h))}
	canvas.Fill(canvas.Rect, c)
	return canvas
}

// Gray is the picture without its colours.
func (c Canvas) Gray() *image.Gray {
	g := image.NewGray(c.Rect)
	draw.Draw(g, g.Rect, c, c.Rect.Min, draw.Src)
	return g
}

// Fill paints a rectangle.
func (c Canvas) Fill(r image.Rectangle, with color.Color) {
	draw.Draw(c, r, image.NewUniform(with), image.Point{}, draw.Src)
}

// Box paints a rectangle with a border of one pixel inside it.
func (c Canvas) Box(r image.Rectangle, fill, edge color.Color) {
	c.Fill(r, edge)
	c.Fill(r.Inset(1), fill)
}

// Text writes a line whose cells begin at (x, y), the upper left corner.
func (c Canvas) Text(x, y int, text string, ink color.Color) {
	d := font.Drawer{
		Dst: c, Src: image.NewUniform(ink), Face: basicfont.Face7x13,
		Dot: fixed.P(x, y+basicfont.Face7x13.Ascent),
	}
	d.DrawString(text)
}

// Button draws a push button with its caption in the middle.
func (c Canvas) Button(r image.Rectangle, caption string) {
	c.Box(r, Face, Edge)
	for y := r.Min.Y + 1; y < r.Max.Y-1; y++ { // a gentle gradient
		shade := Tint(6*(y-r.Min.Y)/r.Dy()) * 0x010101
		c.Fill(image.Rect(r.Min.X+1, y, r.Max.X-1, y+1), Face-shade)
	}
	w := CellWidth * len(caption)
	c.Text(r.Min.X+(r.Dx()-w)/2, r.Min.Y+(r.Dy()-CellHeight)/2, caption, Ink)
}

// Field draws a box for text with its content.
func (c Canvas) Field(r image.Rectangle, lines ...string) {
	c.Box(r, Paper, Edge)
	for i, l := range lines {
		c.Text(r.Min.X+6, r.Min.Y+6+i*(CellHeight+4), l, Ink)
	}
}

// Check draws a check box with its label.
func (c Canvas) Check(x, y int, label string) {
	c.Box(image.Rect(x, y, x+16, y+16), Paper, Edge)
	c.Text(x+22, y+2, label, Ink)
}
