package icon_test

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/grokputer/grokputer/services/observer/icon"
)

// Icons that no set has, drawn by the test, are told at every size and in all colours.
func TestName(t *testing.T) {
	t.Parallel()
	for name, d := range drawings {
		for k, side := range []int{13, 16, 24, 36} {
			picture := d.draw(side, paints[k])
			if got, sure := icon.Name(picture, picture.Rect.Inset(2)); got != name || sure <= 0 || sure > 1 {
				t.Errorf("%s of %d pixels, %v: %q, sure by %.2f", name, side, paints[k], got, sure)
			}
		}
	}
}

// What is drawn half a pixel farther, on more of its ground, or larger, is the same.
func TestNameIsSteady(t *testing.T) {
	t.Parallel()
	d := drawings["delete"]
	for _, off := range []float64{0, 0.25, 0.5, 0.75} {
		d.off = off
		picture := d.draw(20, paints[0])
		for margin := range 4 {
			if got, _ := icon.Name(picture, picture.Rect.Inset(margin)); got != "delete" {
				t.Errorf("moved by %g, in a margin of %d: %q", off, 4-margin, got)
			}
		}
	}
}

// Letters and words have no name.
func TestLettersHaveNoName(t *testing.T) {
	t.Parallel()
	parsed, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"ONE", "OK", "No", "Go", "12", "PDF", "Save", "on"}
	for r := 'A'; r <= 'Z'; r++ {
		texts = append(texts, string(r))
	}
	const most = 2 // of all: a C with thick ends is an arrow
	named := 0
	for _, size := range []float64{14, 20, 28} {
		face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			picture := image.NewRGBA(image.Rect(0, 0, 120, 40))
			fill(picture, paints[0].ground)
			d := font.Drawer{Dst: picture, Src: image.NewUniform(paints[0].ink), Face: face, Dot: fixed.P(6, 30)}
			box, _ := d.BoundString(text)
			d.DrawString(text)
			around := image.Rect(box.Min.X.Floor()-1, box.Min.Y.Floor()-1, box.Max.X.Ceil()+1, box.Max.Y.Ceil()+1)
			if got, sure := icon.Name(picture, around); got != "" {
				t.Logf("%q of %g pixels is called %s, sure by %.2f", text, size, got, sure)
				named++
			}
		}
	}
	if named > most {
		t.Errorf("%d letters and words have names, want %d at most", named, most)
	}
}

// Nothing, dots, one colour and what is no icon at all have no name, wherever the box is.
func TestNothingHasNoName(t *testing.T) {
	t.Parallel()
	plain := image.NewRGBA(image.Rect(0, 0, 60, 60))
	fill(plain, paints[0].ground)
	for x := range 60 { // a line from edge to edge
		plain.SetRGBA(x, 30, paints[0].ink)
	}
	for _, box := range []image.Rectangle{
		{}, image.Rect(5, 5, 25, 25), image.Rect(-10, -10, 10, 10), image.Rect(50, 50, 90, 90), image.Rect(100, 100, 120, 120),
		image.Rect(0, 20, 60, 40), image.Rect(10, 30, 30, 31), plain.Rect,
	} {
		if got, _ := icon.Name(plain, box); got != "" {
			t.Errorf("%v is called %q", box, got)
		}
	}
	small := drawings["close"].draw(6, paints[0])
	if got, _ := icon.Name(small, small.Rect.Inset(4)); got != "" {
		t.Errorf("six pixels are called %q", got)
	}
}

// A piece of an icon is called as the whole is, and is where that is; what stands beside
// other ink stays as it is.
func TestFind(t *testing.T) {
	t.Parallel()
	picture := drawings["mail"].draw(32, paints[2]) // from 6 to 34 and from 9 to 31
	flap := image.Rect(9, 12, 31, 24)
	if name, at, sure := icon.Find(picture, flap); name != "mail" || !image.Rect(8, 12, 32, 28).In(at) || sure < 0.8 {
		t.Errorf("a flap is %q at %v, sure by %.2f", name, at, sure)
	}
	for _, box := range []image.Rectangle{picture.Rect, picture.Rect.Inset(3)} {
		if name, at, _ := icon.Find(picture, box); name != "mail" || at != box {
			t.Errorf("the whole of %v is %q at %v", box, name, at)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	names := icon.Names()
	for name := range drawings {
		if !slices.Contains(names, name) {
			t.Errorf("%q is no name", name)
		}
	}
	slices.Sort(names)
	if slices.Contains(names, "") || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("names are missing or doubled: %q", names)
	}
}

// A table is the same after it was written and read.
func TestPack(t *testing.T) {
	t.Parallel()
	axis := make([]int8, icon.ShapeLength)
	axis[0], axis[icon.ShapeLength-1] = 127, -127
	want := &icon.Table{
		Mean: make([]float32, icon.ShapeLength), Axes: [][]int8{axis}, Scales: []float32{0.5},
		Names: []string{"", "x"}, Templates: [][][]int8{nil, {{127}}}, Alike: 0.9, Apart: 0.1,
	}
	data, err := want.Pack()
	if err != nil {
		t.Fatal(err)
	}
	got, err := icon.Unpack(data)
	if err != nil {
		t.Fatal(err)
	}
	if name, sure := got.Nearest([]float32{1}); name != "x" || sure < 0.99 {
		t.Errorf("its own template is %q, sure by %g", name, sure)
	}
	if name, _ := got.Nearest([]float32{-1}); name != "" {
		t.Errorf("the opposite is %q", name)
	}
	if _, err := icon.Unpack(data[:20]); err == nil {
		t.Error("half a table was read")
	}
}

func BenchmarkName(b *testing.B) {
	picture := drawings["delete"].draw(24, paints[0])
	for b.Loop() {
		icon.Name(picture, picture.Rect.Inset(3))
	}
}

// paint is how a drawing looks.
type paint struct{ ink, ground color.RGBA }

var paints = []paint{
	{color.RGBA{40, 44, 52, 255}, color.RGBA{255, 255, 255, 255}},
	{color.RGBA{235, 235, 235, 255}, color.RGBA{25, 28, 34, 255}},
	{color.RGBA{255, 255, 255, 255}, color.RGBA{30, 110, 220, 255}},
	{color.RGBA{200, 40, 40, 255}, color.RGBA{240, 240, 230, 255}},
}

func fill(p *image.RGBA, c color.RGBA) {
	for i := 0; i < len(p.Pix); i += 4 {
		p.Pix[i], p.Pix[i+1], p.Pix[i+2], p.Pix[i+3] = c.R, c.G, c.B, c.A
	}
}
