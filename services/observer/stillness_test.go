package observer_test

import (
	"context"
	"errors"
	"image"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/sim"
)

func TestSettle(t *testing.T) {
	t.Parallel()
	// A line that grows until the given time.
	typing := func(until time.Duration) func(time.Duration) sim.Canvas {
		return func(at time.Duration) sim.Canvas {
			c := sim.NewCanvas(200, 100, sim.Paper)
			c.Fill(image.Rect(10, 10, 10+int(min(at, until)/time.Millisecond)/10, 30), sim.Ink)
			return c
		}
	}
	for name, test := range map[string]struct {
		show        func(at time.Duration) sim.Canvas
		least, most time.Duration
	}{
		"still at once":    {typing(0), 300 * time.Millisecond, 400 * time.Millisecond},
		"still in a while": {typing(900 * time.Millisecond), 1200 * time.Millisecond, 1300 * time.Millisecond},
		"never still":      {typing(time.Hour), 2 * time.Second, 2 * time.Second},
		"a blinking caret": {func(at time.Duration) sim.Canvas {
			c := sim.NewCanvas(200, 100, sim.Paper)
			if at/(200*time.Millisecond)%2 == 0 {
				c.Fill(image.Rect(20, 20, 21, 38), sim.Ink)
			}
			return c
		}, 300 * time.Millisecond, 400 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				d := sim.NewDesktop(nil)
				d.Play(func() *image.RGBA { return test.show(time.Since(began)).RGBA })
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				eyes := observer.NewEyes(d, d, sim.Finder{}, sim.Reader{})
				if err := eyes.Settle(ctx, 300*time.Millisecond); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took < test.least || took > test.most {
					t.Errorf("took %s, want %s to %s", took, test.least, test.most)
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
