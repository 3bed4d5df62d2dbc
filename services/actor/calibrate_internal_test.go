package actor

import (
	"context"
	"errors"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// pointing is a pointer over two monitors, on one of which it may go astray.
type pointing struct {
	at     Point
	seen   []Point
	astray func(Point) Point
}

func (p *pointing) Monitors(context.Context) ([]contracts.Monitor, error) {
	return []contracts.Monitor{
		{Bounds: image.Rect(0, 0, 1280, 800)},
		{Number: 1, Bounds: image.Rect(1280, 32, 2304, 800)},
	}, nil
}

func (p *pointing) Pointer(context.Context) (Point, error) { return p.at, nil }

func (p *pointing) Move(_ context.Context, to Point) error {
	p.seen = append(p.seen, to)
	p.at = to
	if p.astray != nil {
		p.at = p.astray(to)
	}
	return nil
}

func TestCalibrate(t *testing.T) {
	t.Parallel()
	before := Point{333, 444}
	for name, test := range map[string]struct {
		astray func(Point) Point
		want   []string // parts of the error
	}{
		"all is well": {nil, nil},
		"scaled": {func(p Point) Point { return Point{p.X / 2, p.Y / 2} }, []string{
			"monitor 0 (1280x800 at 0,0)", "sent to 640,400", "is at 320,200",
		}},
		"held on the first": {func(p Point) Point { return Point{min(p.X, 1279), p.Y} }, []string{
			"monitor 1 (1024x768 at 1280,32)", "sent to 1792,416", "is at 1279,416",
		}},
		"off in a corner": {func(p Point) Point { return Point{p.X, min(p.Y, 790)} }, []string{
			"monitor 0 (1280x800 at 0,0)", "sent to 8,791", "is at 8,790",
		}},
	} {
		p := &pointing{at: before, astray: test.astray}
		monitors, _ := p.Monitors(t.Context())
		err := calibrate(t.Context(), p, monitors)
		if last := p.seen[len(p.seen)-1]; last != before {
			t.Errorf("%s: the pointer was not put back, but to %v", name, last)
		}
		if test.want == nil {
			if err != nil || len(p.seen) != 11 || !slices.Contains(p.seen, Point{2304 - 9, 800 - 9}) {
				t.Errorf("%s: %v, at %v", name, err, p.seen)
			}
			continue
		}
		for _, part := range test.want {
			if !errors.Is(err, ErrMisaligned) || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got %v, want %q in it", name, err, part)
			}
		}
	}
}

// A person who moves the pointer at that moment is no reason to stop.
func TestCalibrateAgain(t *testing.T) {
	t.Parallel()
	moves := 0
	p := &pointing{astray: func(to Point) Point {
		if moves++; moves%3 == 1 {
			return Point{1, 1}
		}
		return to
	}}
	monitors, _ := p.Monitors(t.Context())
	if err := calibrate(t.Context(), p, monitors); err != nil {
		t.Error(err)
	}
}
