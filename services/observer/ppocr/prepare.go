package ppocr

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

const (
	// tall is the height of the network's input, in pixels.
	tall = 48
	// stride is how many pixels of the input's width are one step of the output.
	stride = 8
	// air is the white above and below the ink, in heights of it: the network
	// learned from lines that were cut out with a border.
	air = 0.2
	// least is the smallest height, in the line's pixels, that is enlarged to
	// the input's: else a dash would become a bar.
	least = 14
	// coarse is what the width of the input is rounded up to: the runtime keeps
	// memory for each width that it has met.
	coarse = 4 * stride
)

// prepared is a line as the network gets it: tall pixels high, its aspect kept.
type prepared struct {
	picture *image.RGBA // gray; the package draw is slow on *image.Gray
	scale   float64
	from    image.Point // the line's point that became the picture's origin
	ink     image.Rectangle
}

// prepare enlarges the ink of a line, or makes it smaller.
func prepare(line *image.Gray, ink image.Rectangle) prepared {
	height := max(least, int(float64(ink.Dy())*(1+2*air)+0.5))
	above := (height - ink.Dy()) / 2
	p := prepared{
		scale: tall / float64(height),
		from:  ink.Min.Sub(image.Pt(above, above)),
		ink:   ink,
	}
	width := int(float64(ink.Dx()+2*above)*p.scale + 0.5)
	width = max(coarse, (width+coarse-1)/coarse*coarse)
	p.picture = image.NewRGBA(image.Rect(0, 0, width, tall))
	draw.Draw(p.picture, p.picture.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	at := f64.Aff3{p.scale, 0, -p.scale * float64(p.from.X), 0, p.scale, -p.scale * float64(p.from.Y)}
	draw.CatmullRom.Transform(p.picture, at, line, line.Rect, draw.Src, nil)
	return p
}

// fill writes the picture to x [3, tall, width] row-major: all three colours
// alike, (v/255 - 0.5) / 0.5, as PP-OCR was trained.
func (p prepared) fill(x []float32) {
	w := p.picture.Rect.Dx()
	plane := w * tall
	for y := range tall {
		row := p.picture.Pix[y*p.picture.Stride:]
		for i := range w {
			x[y*w+i] = float32(row[4*i])/127.5 - 1
		}
	}
	copy(x[plane:2*plane], x[:plane])
	copy(x[2*plane:3*plane], x[:plane])
}

// x is the middle of a step of the output, in the line's pixels.
func (p prepared) x(step int) int {
	return p.from.X + int((float64(step)+0.5)*stride/p.scale)
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
