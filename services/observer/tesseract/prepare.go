package tesseract

import (
	"bytes"
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

const (
	// tall is the height to which a line's ink is enlarged, in pixels:
	// Tesseract wants capitals of about 30, and below them go a q and a comma.
	tall = 54
	// most is the largest enlargement.
	most = 3
	// border is white and goes around the line, in pixels.
	border = 30
	// edge is the white that is enlarged with the ink: at its edge the kernel
	// needs it.
	edge = 4
)

// prepared is a line as Tesseract gets it.
type prepared struct {
	gray  *image.Gray
	scale float64
	from  image.Rectangle // the part of the line that was enlarged
}

// prepare enlarges the ink of a line. Catmull-Rom read best of the kernels
// tried (bilinear, Catmull-Rom, Lanczos), and three times best of 2 to 4.
func prepare(line *image.Gray, ink image.Rectangle) prepared {
	p := prepared{
		scale: max(1, min(most, tall/float64(ink.Dy()))),
		from:  ink.Inset(-edge).Intersect(line.Rect),
	}
	w, h := int(float64(p.from.Dx())*p.scale), int(float64(p.from.Dy())*p.scale)
	p.gray = image.NewGray(image.Rect(0, 0, w+2*border, h+2*border))
	draw.Draw(p.gray, p.gray.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(p.gray, p.gray.Rect.Inset(border), line, p.from, draw.Src, nil)
	return p
}

// inkBounds is the box of everything that is not white.
func inkBounds(line *image.Gray) image.Rectangle {
	var r image.Rectangle
	for y := line.Rect.Min.Y; y < line.Rect.Max.Y; y++ {
		for x := line.Rect.Min.X; x < line.Rect.Max.X; x++ {
			if line.GrayAt(x, y).Y < 255 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// back converts a box of the prepared picture to the line's pixels.
func (p prepared) back(r image.Rectangle) image.Rectangle {
	at := func(q image.Point) image.Point {
		return image.Pt(
			int(float64(q.X-border)/p.scale+0.5),
			int(float64(q.Y-border)/p.scale+0.5),
		).Add(p.from.Min)
	}
	return image.Rectangle{Min: at(r.Min), Max: at(r.Max)}.Intersect(p.from)
}

// encode writes a gray picture as a binary PGM, which Leptonica reads fastest.
func encode(g *image.Gray) []byte {
	var b bytes.Buffer
	b.Grow(len(g.Pix) + 32)
	fmt.Fprintf(&b, "P5\n%d %d\n255\n", g.Rect.Dx(), g.Rect.Dy())
	for y := range g.Rect.Dy() {
		b.Write(g.Pix[y*g.Stride:][:g.Rect.Dx()])
	}
	return b.Bytes()
}
