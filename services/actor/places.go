package actor

import (
	"context"
	"hash/maphash"
	"image"

	"github.com/grokputer/grokputer/contracts"
)

// places tells the screens of a task apart. It is made anew after a restart, from
// what was noted of each step. The zero value has seen nothing.
type places struct {
	// numbers are the screens on which the steps were planned, in order, then the
	// one at hand: equal screens have the same number.
	numbers []int
	known   []place // by number
	seed    maphash.Seed
}

// place is one screen.
type place struct {
	view View
	// cells are a hash of each square of the picture, row by row; nil when the
	// picture cannot be had.
	cells []uint64
	cols  int
}

// arrive finds out where the task is: on a screen that it has seen before, or on
// a new one.
func (t *task) arrive(ctx context.Context) {
	for n := len(t.places.numbers); n < len(t.steps); n++ {
		noted, _ := t.record.prompt(n + 1)
		t.places.numbers = append(t.places.numbers, t.number(ctx, noted.view()))
	}
	t.places.numbers = append(t.places.numbers[:len(t.steps)], t.number(ctx, *t.view))
}

// number is that of a screen among those that are known.
func (t *task) number(ctx context.Context, v View) int {
	here := place{view: v}
	if picture, err := t.picture(ctx, v); err == nil {
		here.hash(&t.places.seed, picture)
	}
	for n, known := range t.places.known {
		if t.alike(ctx, known, here) {
			return n
		}
	}
	t.places.known = append(t.places.known, here)
	return len(t.places.known) - 1
}

// hash fills in the cells.
func (p *place) hash(seed *maphash.Seed, picture *image.RGBA) {
	if *seed == (maphash.Seed{}) {
		*seed = maphash.MakeSeed()
	}
	width, height := picture.Rect.Dx(), picture.Rect.Dy()
	p.cols = (width + cell - 1) / cell
	var hash maphash.Hash
	hash.SetSeed(*seed)
	for top := 0; top < height; top += cell {
		for left := 0; left < width; left += cell {
			hash.Reset()
			for y := top; y < min(top+cell, height); y++ {
				_, _ = hash.Write(picture.Pix[y*picture.Stride:][pixel*left : pixel*min(left+cell, width)]) // it has no errors
			}
			p.cells = append(p.cells, hash.Sum64())
		}
	}
}

// alike reports whether two screens are the same one, but for what moves by
// itself. Pixels are compared only where little is different.
func (t *task) alike(ctx context.Context, a, b place) bool {
	const few = 64 // cells: more than a caret can touch
	v, w := a.view, b.view
	switch {
	case v.Frame.Image.SHA256 == w.Frame.Image.SHA256:
		return v.Frame.Image.SHA256 != "" // a screen of which nothing was noted is like none
	case otherWindows(v, w), focused(v.Screen) != focused(w.Screen), len(a.cells) != len(b.cells), a.cols != b.cols, a.cells == nil:
		return false
	}
	different := 0
	for i := range a.cells {
		if a.cells[i] == b.cells[i] {
			continue
		}
		corner := image.Pt(i%a.cols*cell, i/a.cols*cell)
		if !moving(image.Rectangle{Min: corner, Max: corner.Add(image.Pt(cell, cell))}, v, w) {
			different++
		}
	}
	return different == 0 || different < few && t.changed(ctx, v, w, false).what == contracts.EffectNothing
}
