package main

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// dyes are an icon's colours and its ground's.
type dyes struct{ icon, ground color.RGBA }

var (
	darkOnLight = dyes{color.RGBA{40, 44, 52, 255}, color.RGBA{255, 255, 255, 255}}
	lightOnDark = dyes{color.RGBA{230, 232, 236, 255}, color.RGBA{30, 34, 40, 255}}
)

// coloured are two colours that differ enough to be seen.
func coloured(rng *rand.Rand) dyes {
	anyColour := func() color.RGBA {
		return color.RGBA{uint8(rng.IntN(256)), uint8(rng.IntN(256)), uint8(rng.IntN(256)), 255}
	}
	for {
		d := dyes{anyColour(), anyColour()}
		luma := func(c color.RGBA) int { return (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000 }
		if diff := luma(d.icon) - luma(d.ground); diff > 70 || diff < -70 {
			return d
		}
	}
}

// paint draws coverage with a margin as a browser would, and returns the box of what
// can be seen of it, as the finder does.
func paint(coverage []float64, w int, d dyes) (*image.RGBA, image.Rectangle) {
	const margin, visible = 3, 24
	h := len(coverage) / w
	p := image.NewRGBA(image.Rect(0, 0, w+2*margin, h+2*margin))
	for i := 0; i < len(p.Pix); i += 4 {
		p.Pix[i], p.Pix[i+1], p.Pix[i+2], p.Pix[i+3] = d.ground.R, d.ground.G, d.ground.B, 255
	}
	mix := func(a, b uint8, v float64) uint8 { return uint8(math.Round(float64(b) + (float64(a)-float64(b))*v)) }
	var box image.Rectangle
	for i, v := range coverage {
		x, y := margin+i%w, margin+i/w
		c := color.RGBA{mix(d.icon.R, d.ground.R, v), mix(d.icon.G, d.ground.G, v), mix(d.icon.B, d.ground.B, v), 255}
		p.SetRGBA(x, y, c)
		far := max(channelsApart(c.R, d.ground.R), channelsApart(c.G, d.ground.G), channelsApart(c.B, d.ground.B))
		if far >= visible {
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return p, box
}

func channelsApart(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

// render draws an icon at a size, moved by up to half a pixel, as layouts do.
func render(m sums, size int, d dyes, rng *rand.Rand) (*image.RGBA, image.Rectangle) {
	cell := side / size
	right, down := 0, 0
	if rng.IntN(2) == 0 { // browsers mostly place them on whole pixels
		right, down = rng.IntN(cell)-cell/2, rng.IntN(cell)-cell/2
	}
	return paint(m.coverage(size, right, down), size, d)
}
