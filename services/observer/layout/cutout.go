package layout

import (
	"cmp"
	"image"
	"slices"

	"github.com/grokputer/grokputer/services/observer"
)

// margin is the white border around a line that is cut out, in pixels.
const margin = 8

// cutOut draws the line alone, dark on white: each pixel's distance from the
// surface's colour, the farthest of the line being black. So it looks the same
// whatever the colours are.
func (p *page) cutOut(l line) observer.Line {
	bg := p.surfaces[l.surface].colour
	mine := make([]bool, len(p.blobs))
	farthest := 1
	for _, b := range l.blobs {
		mine[b] = true
		farthest = max(farthest, p.blobs[b].contrast)
	}
	out := image.NewGray(image.Rect(0, 0, l.box.Dx()+2*margin, l.box.Dy()+2*margin))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	for y := l.box.Min.Y; y < l.box.Max.Y; y++ {
		for x := l.box.Min.X; x < l.box.Max.X; x++ {
			i := y*p.w + x
			if b := p.blob[i]; b < 0 || !mine[b] {
				continue
			}
			ink := 255 * distance(p.rgb(i), bg) / farthest
			out.Pix[out.PixOffset(x-l.box.Min.X+margin, y-l.box.Min.Y+margin)] = uint8(255 - min(255, ink))
		}
	}
	return observer.Line{Box: l.box, Picture: out, Glyphs: p.glyphs(l)}
}

// glyphs joins the blobs of a line that are above each other: a letter and its
// dot. The boxes are those of the cut-out.
func (p *page) glyphs(l line) []image.Rectangle {
	boxes := make([]image.Rectangle, len(l.blobs))
	for i, b := range l.blobs {
		boxes[i] = p.blobs[b].box.Sub(l.box.Min).Add(image.Pt(margin, margin))
	}
	slices.SortFunc(boxes, func(a, b image.Rectangle) int { return cmp.Compare(a.Min.X, b.Min.X) })
	var glyphs []image.Rectangle
	for _, box := range boxes {
		if n := len(glyphs); n > 0 && box.Min.X < glyphs[n-1].Max.X {
			glyphs[n-1] = glyphs[n-1].Union(box)
			continue
		}
		glyphs = append(glyphs, box)
	}
	return glyphs
}
