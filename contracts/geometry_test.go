package contracts_test

import (
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

func TestPointer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		geometry contracts.Geometry
		p, want  image.Point
	}{
		{contracts.Geometry{}, image.Pt(110, 70), image.Pt(110, 70)},
		{contracts.Geometry{Scale: 1, Origin: image.Pt(-1280, 24)}, image.Pt(0, 0), image.Pt(-1280, 24)},
		{contracts.Geometry{Scale: 2, Origin: image.Pt(100, 50)}, image.Pt(41, 20), image.Pt(120, 60)},
		{contracts.Geometry{Scale: 1.5, Origin: image.Pt(1280, -10)}, image.Pt(110, 55), image.Pt(1353, 26)},
		{contracts.Geometry{Scale: 0.5}, image.Pt(3, 4), image.Pt(6, 8)},
		{contracts.Geometry{Scale: 1.1}, image.Pt(11, 33), image.Pt(10, 30)},
	} {
		if got := test.geometry.Pointer(test.p); got != test.want {
			t.Errorf("%+v maps %v to %v, want %v", test.geometry, test.p, got, test.want)
		}
	}
}

// monitor draws a monitor and the geometry of its picture at some scale.
func monitor(random *rand.Rand) (contracts.Monitor, contracts.Geometry) {
	scales := []float64{0.25, 0.5, 1, 1.1, 1.25, 1.5, 5.0 / 3, 1.75, 2, 2.5, 3}
	scale := scales[random.IntN(len(scales))]
	if random.IntN(2) == 0 {
		scale = float64(25+random.IntN(376)) / 100
	}
	pixels := func(points int) int { return int(math.Ceil(float64(points)*scale - 1e-6)) }
	at := image.Pt(random.IntN(8000)-4000, random.IntN(8000)-4000)
	size := image.Pt(1+random.IntN(4000), 1+random.IntN(2000))
	m := contracts.Monitor{Number: random.IntN(3), Bounds: image.Rectangle{Min: at, Max: at.Add(size)}}
	return m, contracts.Geometry{
		Monitor: m.Number, Origin: at, Scale: scale,
		Size: image.Pt(pixels(size.X), pixels(size.Y)),
	}
}

// Whatever the origin and the scale: each pixel maps to the pointer's place
// whose pixels it is one of, the corners stay inside the monitor, and a picture
// that is at least as fine as the pointer shows every place of it.
func TestGeometryMapsThereAndBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6, 13))
	for range 20000 {
		m, g := monitor(random)
		p := image.Pt(random.IntN(g.Size.X), random.IntN(g.Size.Y))
		q := g.Pointer(p)
		if !p.In(g.Picture(image.Rectangle{Min: q, Max: q.Add(image.Pt(1, 1))})) {
			t.Fatalf("%+v: pixel %v is at %v, which does not show it", g, p, q)
		}
		a := m.Bounds.Min.Add(image.Pt(random.IntN(m.Bounds.Dx()), random.IntN(m.Bounds.Dy())))
		r := image.Rectangle{Min: a, Max: a.Add(image.Pt(1+random.IntN(200), 1+random.IntN(200)))}
		if q.In(r) != p.In(g.Picture(r)) {
			t.Fatalf("%+v: %v is at %v, but that is in %v: %t", g, p, q, r, q.In(r))
		}
		for _, corner := range []image.Point{{}, {X: g.Size.X - 1}, {Y: g.Size.Y - 1}, g.Size.Sub(image.Pt(1, 1))} {
			if at := g.Pointer(corner); !at.In(m.Bounds) {
				t.Fatalf("%+v: the corner %v is at %v, outside of %v", g, corner, at, m)
			}
		}
		if area := (image.Rectangle{Min: p, Max: p.Add(image.Pt(40, 9))}); !area.In(g.Picture(g.Desktop(area))) {
			t.Fatalf("%+v: %v is at %v, which shows less", g, area, g.Desktop(area))
		}
		if got := g.Picture(m.Bounds); got != (image.Rectangle{Max: g.Size}) {
			t.Fatalf("%+v: the monitor is at %v of the picture", g, got)
		}
		shown := g.Picture(image.Rectangle{Min: a, Max: a.Add(image.Pt(1, 1))})
		if g.Scale >= 1 && (shown.Empty() || g.Pointer(shown.Min) != a) {
			t.Fatalf("%+v: %v is shown at %v", g, a, shown)
		}
		if err := g.Check([]contracts.Monitor{m}); err != nil {
			t.Fatalf("%+v: %v", g, err)
		}
	}
}

func TestGeometryCheck(t *testing.T) {
	t.Parallel()
	first := contracts.Monitor{Bounds: image.Rect(0, 0, 1280, 800)}
	second := contracts.Monitor{Number: 1, Bounds: image.Rect(1280, 32, 2304, 800)}
	both := []contracts.Monitor{first, second}
	geometry := func(number int, r image.Rectangle, scale float64) contracts.Geometry {
		size := image.Pt(int(float64(r.Dx())*scale), int(float64(r.Dy())*scale))
		return contracts.Geometry{Monitor: number, Origin: r.Min, Size: size, Scale: scale}
	}
	for name, test := range map[string]struct {
		g    contracts.Geometry
		now  []contracts.Monitor
		want string // part of the error; empty for none
	}{
		"as it was":           {geometry(1, second.Bounds, 1), both, ""},
		"at scale 2":          {geometry(1, second.Bounds, 2), both, ""},
		"at a fraction":       {geometry(1, second.Bounds, 1.3), both, ""},
		"the whole desktop":   {geometry(contracts.AllMonitors, image.Rect(0, 0, 2304, 800), 1), both, ""},
		"gone":                {geometry(1, second.Bounds, 1), both[:1], "there is no monitor 1 (of 1)"},
		"none at all":         {geometry(contracts.AllMonitors, first.Bounds, 1), nil, "(of 0)"},
		"moved":               {geometry(1, second.Bounds.Sub(image.Pt(0, 32)), 1), both, "monitor 1 (1024x768 at 1280,32)"},
		"another size":        {geometry(0, image.Rect(0, 0, 1024, 800), 1), both, "monitor 0 (1280x800 at 0,0)"},
		"another scale":       {contracts.Geometry{Size: image.Pt(1280, 800), Scale: 2}, both, "at scale 2"},
		"a monitor came":      {geometry(contracts.AllMonitors, first.Bounds, 1), both, "the whole desktop (2304x800 at 0,0)"},
		"a pixel too many":    {contracts.Geometry{Size: image.Pt(1281, 800), Scale: 1}, both, "1281x800"},
		"less than one pixel": {contracts.Geometry{Size: image.Pt(1601, 1000), Scale: 1.2505}, both, ""},
	} {
		err := test.g.Check(test.now)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, contracts.ErrGeometry) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want one about %q", name, err, test.want)
		}
	}
}

func TestFrameGeometry(t *testing.T) {
	t.Parallel()
	f := contracts.Frame{Monitor: 1, OriginX: 1280, OriginY: 32, Width: 2048, Height: 1536, Scale: 2}
	want := contracts.Geometry{Monitor: 1, Origin: image.Pt(1280, 32), Size: image.Pt(2048, 1536), Scale: 2}
	if got := f.Geometry(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
