package observer_test

import (
	"context"
	"errors"
	"image"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// film is what a screen shows at a time since the beginning.
type film func(on sim.Canvas, at time.Duration)

// grow is a line that grows until a time.
func grow(until time.Duration) film {
	return func(on sim.Canvas, at time.Duration) {
		on.Fill(image.Rect(10, 10, 10+int(min(at, until)/time.Millisecond)/10, 30), sim.Ink)
	}
}

// blink is a bar that is there every other moment.
func blink(every time.Duration, bar image.Rectangle) film {
	return func(on sim.Canvas, at time.Duration) {
		if at/every%2 == 0 {
			on.Fill(bar, sim.Ink)
		}
	}
}

// spin is a dot that goes around in eight steps.
func spin(at image.Point, step time.Duration) film {
	return func(on sim.Canvas, now time.Duration) {
		angle := float64(now/step%8) * math.Pi / 4
		p := at.Add(image.Pt(int(14*math.Cos(angle)), int(14*math.Sin(angle))))
		on.Fill(image.Rectangle{Min: p, Max: p.Add(image.Pt(6, 6))}, sim.Mark)
	}
}

// write is text that comes letter by letter until a time, with a caret after it.
func write(every, until time.Duration) film {
	return func(on sim.Canvas, at time.Duration) {
		n := int(min(at, until) / every)
		on.Text(10, 60, strings.Repeat("m", n), sim.Ink)
		on.Fill(image.Rect(10+n*sim.CellWidth, 60, 11+n*sim.CellWidth, 76), sim.Ink)
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	const still, bound = 300 * time.Millisecond, 6 * time.Second
	for name, test := range map[string]struct {
		show        []film
		least, most time.Duration
	}{
		"still at once":    {nil, still, still + 100*time.Millisecond},
		"still in a while": {[]film{grow(900 * time.Millisecond)}, 1200 * time.Millisecond, 1300 * time.Millisecond},
		"never still":      {[]film{grow(time.Hour)}, bound, bound},
		"a blinking caret": {[]film{blink(200*time.Millisecond, image.Rect(20, 20, 21, 38))}, still, still + 100*time.Millisecond},
		"a blinking block": {[]film{blink(200*time.Millisecond, image.Rect(20, 20, 28, 36))}, still, 1500 * time.Millisecond},
		"a spinner":        {[]film{spin(image.Pt(150, 100), 100*time.Millisecond)}, still, 3 * time.Second},
		"a fast spinner":   {[]film{spin(image.Pt(150, 100), 10*time.Millisecond)}, still, 3 * time.Second},
		"a spinner while something loads": {
			[]film{spin(image.Pt(150, 100), 100*time.Millisecond), grow(4 * time.Second)}, 4200 * time.Millisecond, 4500 * time.Millisecond,
		},
		"text that is written":        {[]film{write(100*time.Millisecond, 2*time.Second)}, 2300 * time.Millisecond, 2400 * time.Millisecond},
		"text that is written slowly": {[]film{write(250*time.Millisecond, 4*time.Second)}, 4300 * time.Millisecond, 4400 * time.Millisecond},
		"a film":                      {[]film{blink(100*time.Millisecond, image.Rect(20, 20, 170, 170))}, bound, bound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				d := sim.NewDesktop(nil)
				d.Play(func() *image.RGBA {
					c := sim.NewCanvas(800, 180, sim.Paper)
					for _, f := range test.show {
						f(c, time.Since(began))
					}
					return c.RGBA
				})
				ctx, cancel := context.WithTimeout(t.Context(), bound)
				defer cancel()
				eyes := observer.NewEyes(d, d, sim.Finder{}, sim.Reader{})
				if err := eyes.Settle(ctx, still); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took < test.least || took > test.most {
					t.Errorf("took %s, want %s to %s", took, test.least, test.most)
				}
			})
		})
	}
}

// What moves by itself is known afterwards; what has changed for another reason,
// or blinks slowly, is not part of it.
func TestCalm(t *testing.T) {
	t.Parallel()
	around := image.Rect(130, 80, 176, 126) // the spinner's circle
	for name, test := range map[string]struct {
		show []film
		want bool
	}{
		"a spinner":                  {[]film{spin(image.Pt(150, 100), 100*time.Millisecond)}, true},
		"a spinner beside a caret":   {[]film{spin(image.Pt(150, 100), 100*time.Millisecond), blink(200*time.Millisecond, image.Rect(20, 20, 21, 38))}, true},
		"a caret":                    {[]film{blink(200*time.Millisecond, image.Rect(20, 20, 21, 38))}, false},
		"text that is being written": {[]film{write(100*time.Millisecond, 2*time.Second)}, false},
		"nothing":                    {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				d := sim.NewDesktop(nil)
				d.Play(func() *image.RGBA {
					c := sim.NewCanvas(800, 180, sim.Paper)
					for _, f := range test.show {
						f(c, time.Since(began))
					}
					return c.RGBA
				})
				eyes := observer.NewEyes(d, d, sim.Finder{}, sim.Reader{})
				moving, err := eyes.Calm(t.Context(), 300*time.Millisecond)
				if err != nil {
					t.Fatal(err)
				}
				if test.want != (len(moving) > 0) {
					t.Errorf("what moves is %v", moving)
				}
				for _, m := range moving {
					if !m.In(around) {
						t.Errorf("%v is said to move, beyond the spinner in %v", m, around)
					}
				}
			})
		})
	}
}

func TestSettleFails(t *testing.T) {
	t.Parallel()
	d := sim.NewDesktop(nil)
	d.Fail(observer.ErrNoScreen)
	eyes := observer.NewEyes(d, d, sim.Finder{}, sim.Reader{})
	if err := eyes.Settle(t.Context(), time.Second); !errors.Is(err, observer.ErrNoScreen) {
		t.Errorf("got %v, want %v", err, observer.ErrNoScreen)
	}
}
