package learning

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Size of the plot.
const (
	width  = 16 * vg.Centimeter
	height = 9 * vg.Centimeter
)

// curve is a line of the plot.
type curve struct {
	name  string
	color color.Color
	plotter.XYs
	plotter.YErrors
}

// add adds a part of successes with its interval.
func (c *curve) add(round int, part, low, high float64) {
	c.XYs = append(c.XYs, plotter.XY{X: float64(round), Y: 100 * part})
	c.YErrors = append(c.YErrors, struct{ Low, High float64 }{100 * (part - low), 100 * (high - part)})
}

// Plot writes the successes after each round, and of its sessions, with their 95 % intervals,
// as an SVG picture.
func (r Report) Plot(w io.Writer) error {
	// Colours that are told apart by those who do not see red and green, too (Okabe and Ito 2008).
	judged := curve{name: "evaluation", color: color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}}
	rated := curve{name: "rated sessions", color: color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}}
	done := r.done()
	for _, row := range done {
		if s := row.Score; s != nil {
			judged.add(row.N, s.Rate, s.Low, s.High)
		}
		if s := row.Rated; s.N > 0 {
			rated.add(row.N, float64(s.Success)/float64(s.N), s.Low, s.High)
		}
	}
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "round", "success (%)"
	p.Legend.Left = true
	for _, c := range []curve{judged, rated} {
		if len(c.XYs) == 0 {
			continue
		}
		line, err := plotter.NewLine(c.XYs)
		if err != nil {
			return fmt.Errorf("plot the curve: %w", err)
		}
		bars, err := plotter.NewYErrorBars(c)
		if err != nil {
			return fmt.Errorf("plot the curve: %w", err)
		}
		line.Color, line.Width, bars.Color = c.color, vg.Points(1.5), c.color
		p.Add(line, bars)
		p.Legend.Add(c.name, line)
	}
	p.X.Min, p.X.Max = -0.3, float64(max(1, len(done)-1))+0.3
	p.Y.Min, p.Y.Max = min(p.Y.Min, 50), 100
	p.X.Tick.Marker = plot.TickerFunc(func(float64, float64) []plot.Tick {
		var ticks []plot.Tick
		for n := range max(2, len(done)) {
			ticks = append(ticks, plot.Tick{Value: float64(n), Label: fmt.Sprint(n)})
		}
		return ticks
	})
	picture := vgsvg.New(width, height)
	p.Draw(draw.New(picture))
	if _, err := picture.WriteTo(w); err != nil {
		return fmt.Errorf("write the plot: %w", err)
	}
	return nil
}
