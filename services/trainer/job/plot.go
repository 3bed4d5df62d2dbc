package job

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/grokputer/grokputer/services/trainer/gate"
)

// Size of a plot.
const (
	width  = 14 * vg.Centimeter
	height = 8 * vg.Centimeter
)

// colors are told apart by those who do not see red and green, too (Okabe and Ito 2008).
func colors() (first, second color.Color) {
	return color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}, color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
}

// plotLoss writes the losses of a training as an SVG picture.
func plotLoss(w io.Writer, curve []gate.Point) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "step", "loss (nats per label token)"
	p.Y.Min = 0
	legend(p)
	first, second := colors()
	for _, line := range []struct {
		name  string
		color color.Color
		of    func(gate.Point) float64
	}{
		{"trained on", first, func(p gate.Point) float64 { return p.Loss }},
		{"held out", second, func(p gate.Point) float64 { return p.HeldOut }},
	} {
		var points plotter.XYs
		for _, at := range curve {
			if y := line.of(at); y > 0 {
				points = append(points, plotter.XY{X: float64(at.Step), Y: y})
			}
		}
		if len(points) == 0 {
			continue
		}
		drawn, err := plotter.NewLine(points)
		if err != nil {
			return fmt.Errorf("plot the losses: %w", err)
		}
		drawn.Color, drawn.Width = line.color, vg.Points(1.5)
		p.Add(drawn)
		p.Legend.Add(line.name, drawn)
	}
	return drawn(w, p)
}

// plotSets writes the parts of right steps of each set as an SVG picture.
func plotSets(w io.Writer, sets []gate.Set) error {
	p := plot.New()
	const whole, above = 100, 25 // percent, and room for the legend
	p.Y.Label.Text, p.Y.Min, p.Y.Max = "right steps (%)", 0, whole+above
	p.Y.Tick.Marker = plot.ConstantTicks(plot.DefaultTicks{}.Ticks(0, whole))
	legend(p)
	first, second := colors()
	bar := 0.8 * vg.Centimeter
	for i, arm := range []struct {
		name  string
		color color.Color
		of    func(gate.Set) float64
	}{{"champion", first, gate.Set.Champion}, {"candidate", second, gate.Set.Candidate}} {
		values := make(plotter.Values, len(sets))
		for k, s := range sets {
			values[k] = 100 * arm.of(s)
		}
		if len(values) == 0 {
			break
		}
		bars, err := plotter.NewBarChart(values, bar)
		if err != nil {
			return fmt.Errorf("plot the sets: %w", err)
		}
		bars.Color, bars.Offset, bars.LineStyle.Width = arm.color, (vg.Length(i)-0.5)*bar, 0
		p.Add(bars)
		p.Legend.Add(arm.name, bars)
	}
	names := make([]string, len(sets))
	for k, s := range sets {
		names[k] = fmt.Sprintf("%s (%d)", s.Name, s.N())
	}
	if len(names) > 0 {
		p.NominalX(names...)
	}
	p.X.Min, p.X.Max = -0.7, float64(len(names))-0.3 // with room for the outer bars
	return drawn(w, p)
}

// legend has the legend stand at the top, where the losses have fallen already.
func legend(p *plot.Plot) {
	p.Legend.Top, p.Legend.Left, p.Legend.XOffs = true, true, width/3
}

func drawn(w io.Writer, p *plot.Plot) error {
	picture := vgsvg.New(width, height)
	p.Draw(draw.New(picture))
	if _, err := picture.WriteTo(w); err != nil {
		return fmt.Errorf("write the plot: %w", err)
	}
	return nil
}
