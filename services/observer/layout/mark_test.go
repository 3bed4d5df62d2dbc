package layout_test

import (
	"image"
	"math"
	"strconv"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// states is what is found and read on a picture, with what the model is told of
// each element's state.
func states(t *testing.T, c sim.Canvas) []string {
	t.Helper()
	d := sim.NewDesktop(c.RGBA)
	_, s, err := observer.NewEyes(d, d, layout.New(), sim.Reader{}).Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i, target := range s.Targets() {
		lines = append(lines, target.String()+s.Elements[i].State())
	}
	return lines
}

// brush draws at one or two pixels a point.
type brush struct {
	sim.Canvas
	scale int
}

func (b brush) box(x, y, w, h int, with sim.Tint) {
	b.Fill(image.Rect(x*b.scale, y*b.scale, (x+w)*b.scale, (y+h)*b.scale), with)
}

// disc draws a disc with softened edges.
func (b brush) disc(x, y, wide float64, with sim.Tint) {
	k := float64(b.scale)
	x, y, wide = x*k, y*k, wide*k
	for py := int(y) - 1; py <= int(y+wide)+1; py++ {
		for px := int(x) - 1; px <= int(x+wide)+1; px++ {
			d := math.Hypot(float64(px)+0.5-x-wide/2, float64(py)+0.5-y-wide/2)
			cover := math.Min(1, math.Max(0, wide/2-d+0.5))
			under := b.RGBAAt(px, py)
			mix := func(u uint8, shift int) sim.Tint {
				return sim.Tint(float64(u)*(1-cover)+float64(with>>shift&0xff)*cover) << shift
			}
			b.Set(px, py, mix(under.R, 16)|mix(under.G, 8)|mix(under.B, 0))
		}
	}
}

// tick draws a tick into a box of 13 points.
func (b brush) tick(x, y int, with sim.Tint) {
	for k := range 4 * b.scale {
		b.Fill(image.Rect(x*b.scale+2*b.scale+k, y*b.scale+5*b.scale+k, x*b.scale+2*b.scale+k+1, y*b.scale+7*b.scale+k), with)
	}
	for k := range 6 * b.scale {
		b.Fill(image.Rect(x*b.scale+5*b.scale+k, y*b.scale+8*b.scale-k, x*b.scale+5*b.scale+k+1, y*b.scale+10*b.scale-k), with)
	}
}

// Whether a check box or a radio button is on is seen, however it is drawn.
func TestChecked(t *testing.T) {
	t.Parallel()
	const accent, line = sim.Tint(0x0075ff), sim.Tint(0x767676)
	for name, test := range map[string]struct {
		draw func(b brush)
		want string
	}{
		"an empty box": {func(b brush) {
			b.box(20, 20, 13, 13, line)
			b.box(21, 21, 11, 11, sim.Paper)
		}, `check "Yes"`},
		"a filled box with a tick": {func(b brush) {
			b.box(20, 20, 13, 13, accent)
			b.tick(20, 20, sim.Paper)
		}, `check "Yes" checked`},
		"a white box with a tick": {func(b brush) {
			b.box(20, 20, 13, 13, line)
			b.box(21, 21, 11, 11, sim.Paper)
			b.tick(20, 20, sim.Ink)
		}, `check "Yes" checked`},
		"a box that is filled": {func(b brush) {
			b.box(20, 20, 13, 13, accent)
		}, `check "Yes" checked`},
		"an empty circle": {func(b brush) {
			b.disc(20, 20, 13, line)
			b.disc(21, 21, 11, sim.Paper)
		}, `radio "Yes"`},
		"a circle with a dot": {func(b brush) {
			b.disc(20, 20, 13, accent)
			b.disc(21, 21, 11, sim.Paper)
			b.disc(23, 23, 7, accent)
		}, `radio "Yes" checked`},
		"a grey circle with a dot": {func(b brush) {
			b.disc(20, 20, 13, line)
			b.disc(21, 21, 11, sim.Paper)
			b.disc(23, 23, 7, sim.Ink)
		}, `radio "Yes" checked`},
		"a disc with a light dot": {func(b brush) {
			b.disc(20, 20, 16, accent)
			b.disc(24, 24, 8, sim.Paper)
		}, `radio "Yes" checked`},
		"a box with a plus": {func(b brush) {
			b.box(20, 20, 11, 11, line)
			b.box(21, 21, 9, 9, sim.Paper)
			b.box(22, 25, 7, 1, sim.Ink)
			b.box(25, 22, 1, 7, sim.Ink)
		}, `icon "+" for "Yes"`},
	} {
		for scale := 1; scale <= 2; scale++ {
			t.Run(name+", scale "+strconv.Itoa(scale), func(t *testing.T) {
				t.Parallel()
				b := brush{sim.NewCanvas(200*scale, 80*scale, sim.Pane), scale}
				test.draw(b)
				b.Text(42*scale, 26*scale-sim.CellHeight/2, "Yes", sim.Ink)
				if got := states(t, b.Canvas); len(got) == 0 || got[0] != test.want {
					t.Errorf("saw %q, want %s first", got, test.want)
				}
			})
		}
	}
}

// A letter is no mark, however round or square it is.
func TestLettersAreNoMarks(t *testing.T) {
	t.Parallel()
	b := brush{sim.NewCanvas(200, 80, sim.Paper), 1}
	b.disc(20, 20, 14, sim.Ink)
	b.disc(23, 23, 8, sim.Paper)
	b.box(36, 20, 3, 14, sim.Ink)
	b.Text(80, 60, "Some words", sim.Ink)
	for _, got := range states(t, b.Canvas) {
		if got[:5] == "radio" || got[:5] == "check" {
			t.Errorf("saw %s", got)
		}
	}
}

// picture draws something of many yellows.
func (b brush) picture(r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			b.Set(x, y, sim.Tint(0x975a1f)+sim.Tint((x*7+y*13)%5)*0x101008)
		}
	}
}

// A branch of a tree is the sign that opens it, the picture before its name, and the
// name: small pictures are told by their colours, and dotted lines are no text.
func TestTree(t *testing.T) {
	t.Parallel()
	c := brush{sim.NewCanvas(200, 120, sim.Paper), 1}
	const grey = sim.Tint(0x808080)
	for y := 10; y < 100; y += 2 {
		c.Fill(image.Rect(19, y, 20, y+1), grey)
	}
	for i, name := range []string{"Thomas", "Maria"} {
		y := 24 + 20*i
		c.Box(image.Rect(15, y, 24, y+9), sim.Paper, grey)
		c.Fill(image.Rect(17, y+4, 22, y+5), sim.Ink)
		c.Fill(image.Rect(19, y+2, 20, y+7), sim.Ink)
		for x := 25; x < 28; x += 2 {
			c.Fill(image.Rect(x, y+4, x+1, y+5), grey)
		}
		c.picture(image.Rect(30, y-1, 42, y+11))
		c.Text(45, y-2, name, sim.Ink)
	}
	for x := 21; x < 30; x += 2 {
		c.Fill(image.Rect(x, 80, x+1, 81), grey)
	}
	c.picture(image.Rect(30, 74, 40, 87))
	c.Text(45, 74, "Leaf", sim.Ink)
	check(t, states(t, c.Canvas),
		`icon "+" #1 for "Thomas"`, `icon "" #1 for "Thomas"`, `text "Thomas"`,
		`icon "+" #2 for "Maria"`, `icon "" #2 for "Maria"`, `text "Maria"`, `icon "" #3 for "Leaf"`, `text "Leaf"`)
}
