package icon_test

import (
	"image"
	"image/color"
	"math"
)

// drawing is an icon on a field of 24 by 24: lines of a width, from point to point.
type drawing struct {
	width float64
	off   float64 // how far it is moved, in pixels
	lines [][]float64
}

// drawings are by nobody else, so that the table has none of them.
var drawings = map[string]drawing{
	"close":    {width: 2.4, lines: [][]float64{{5, 5, 19, 19}, {19, 5, 5, 19}}},
	"add":      {width: 2.2, lines: [][]float64{{12, 4, 12, 20}, {4, 12, 20, 12}}},
	"menu":     {width: 2.2, lines: [][]float64{{3, 6, 21, 6}, {3, 12, 21, 12}, {3, 18, 21, 18}}},
	"check":    {width: 2.4, lines: [][]float64{{4, 13, 9.5, 18.5, 20, 6}}},
	"back":     {width: 2, lines: [][]float64{{20, 12, 4, 12}, {11, 5, 4, 12, 11, 19}}},
	"next":     {width: 2, lines: [][]float64{{4, 12, 20, 12}, {13, 5, 20, 12, 13, 19}}},
	"up":       {width: 2.4, lines: [][]float64{{12, 20, 12, 4}, {5, 11, 12, 4, 19, 11}}},
	"download": {width: 2, lines: [][]float64{{12, 3, 12, 15}, {7, 10, 12, 15, 17, 10}, {4, 15, 4, 20, 20, 20, 20, 15}}},
	"mail":     {width: 1.8, lines: [][]float64{{2.5, 5, 21.5, 5, 21.5, 19, 2.5, 19, 2.5, 5}, {2.5, 6, 12, 13, 21.5, 6}}},
	"delete": {width: 1.8, lines: [][]float64{
		{3.5, 6, 20.5, 6}, {8.5, 6, 8.5, 3, 15.5, 3, 15.5, 6}, {5.5, 6, 6.5, 21, 17.5, 21, 18.5, 6}, {10, 10, 10, 17}, {14, 10, 14, 17},
	}},
	"home":     {width: 2, lines: [][]float64{{2.5, 12, 12, 3.5, 21.5, 12}, {5, 10, 5, 20.5, 19, 20.5, 19, 10}, {10, 20, 10, 14, 14, 14, 14, 20}}},
	"folder":   {width: 2, lines: [][]float64{{3, 5, 9.5, 5, 12, 7.5, 21, 7.5, 21, 19, 3, 19, 3, 5}}},
	"bookmark": {width: 2, lines: [][]float64{{6, 3, 18, 3, 18, 21, 12, 16.5, 6, 21, 6, 3}}},
	"user":     {width: 2, lines: [][]float64{arc(12, 7.5, 4, 0), arc(12, 21, 8, 180)}},
	"clock":    {width: 2, lines: [][]float64{arc(12, 12, 9.5, 0), {12, 6.5, 12, 12, 16, 14}}},
	"star": {width: 1.8, lines: [][]float64{{
		12, 2.5, 14.8, 8.9, 21.6, 9.5, 16.4, 14, 18, 20.8, 12, 17.2, 6, 20.8, 7.6, 14, 2.4, 9.5, 9.2, 8.9, 12, 2.5,
	}}},
}

// arc is the part of a circle from an angle in degrees, clockwise from the right, to its
// right end.
func arc(x, y, r, from float64) []float64 {
	const steps = 20
	var points []float64
	for i := range steps + 1 {
		sin, cos := math.Sincos((from + (360-from)*float64(i)/steps) * math.Pi / 180)
		points = append(points, x+r*cos, y+r*sin)
	}
	return points
}

// draw draws it on a picture with a margin of four pixels.
func (d drawing) draw(side int, p paint) *image.RGBA {
	const margin, samples = 4, 4
	out := image.NewRGBA(image.Rect(0, 0, side+2*margin, side+2*margin))
	fill(out, p.ground)
	scale := 24 / float64(side)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			hits := 0
			for k := range samples * samples {
				px := (float64(x-margin) - d.off + (float64(k%samples)+0.5)/samples) * scale
				py := (float64(y-margin) - d.off + (float64(k/samples)+0.5)/samples) * scale
				if d.has(px, py) {
					hits++
				}
			}
			mix := func(a, b uint8) uint8 {
				return uint8((int(a)*hits + int(b)*(samples*samples-hits)) / (samples * samples))
			}
			out.SetRGBA(x, y, color.RGBA{mix(p.ink.R, p.ground.R), mix(p.ink.G, p.ground.G), mix(p.ink.B, p.ground.B), 255})
		}
	}
	return out
}

// has reports whether a point is on one of the lines.
func (d drawing) has(x, y float64) bool {
	for _, l := range d.lines {
		for i := 0; i+3 < len(l); i += 2 {
			dx, dy := l[i+2]-l[i], l[i+3]-l[i+1]
			t := max(0, min(1, ((x-l[i])*dx+(y-l[i+1])*dy)/(dx*dx+dy*dy)))
			if math.Hypot(x-l[i]-t*dx, y-l[i+1]-t*dy) <= d.width/2 {
				return true
			}
		}
	}
	return false
}
