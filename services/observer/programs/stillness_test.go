package programs_test

import (
	"context"
	"image"
	"math"
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/sim"
	"github.com/grokputer/grokputer/services/observer/x11"
	"github.com/grokputer/grokputer/services/observer/xgrab"
)

// plain is a Capturer without a Watch.
type plain struct{ *xgrab.Capturer }

func (plain) Watch() {}

// watching runs a test with eyes that are told what is drawn, and with eyes that
// compare pictures.
func watching(t *testing.T, test func(t *testing.T, eyes *observer.Eyes, pictures observer.Capturer)) {
	t.Helper()
	if testing.Short() {
		t.Skip("real programs take seconds")
	}
	for name, wrap := range map[string]func(*xgrab.Capturer) observer.Capturer{
		"damage":   func(c *xgrab.Capturer) observer.Capturer { return c },
		"pictures": func(c *xgrab.Capturer) observer.Capturer { return plain{c} },
	} {
		t.Run(name, func(t *testing.T) {
			c := xgrab.New("", 0)
			t.Cleanup(c.Close)
			desk := x11.New("")
			t.Cleanup(desk.Close)
			pictures := wrap(c)
			test(t, observer.NewEyes(pictures, desk, sim.Finder{}, sim.Reader{}), pictures)
		})
	}
}

// settle waits for a still screen and returns how long that took; it must not
// take all of the time that it has.
func settle(t *testing.T, eyes *observer.Eyes, still time.Duration) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	if err := eyes.Settle(ctx, still); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("the screen was not still within %s", patience)
	}
	return time.Since(began)
}

// moves waits until something on the screen changes.
func moves(t *testing.T, pictures observer.Capturer) {
	t.Helper()
	first := capture(t, pictures)
	deadline := time.Now().Add(patience)
	for now := first; string(now.Pix) == string(first.Pix); now = capture(t, pictures) {
		if time.Now().After(deadline) {
			t.Fatal("nothing moved, so nothing was tested")
		}
	}
}

func capture(t *testing.T, pictures observer.Capturer) *image.RGBA {
	t.Helper()
	c, err := pictures.Capture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c.Image
}

// A text editor's caret blinks: the screen is still.
func TestStillWithCaret(t *testing.T) {
	watching(t, func(t *testing.T, eyes *observer.Eyes, pictures observer.Capturer) {
		b := newBench(t)
		b.start("Mousepad", "mousepad", "--disable-server")
		settle(t, eyes, stillness)
		b.input("key", "space") // GTK's caret stops blinking after a while without keys
		const longer = 2 * time.Second
		if took := settle(t, eyes, longer); took > 2*longer {
			t.Errorf("the screen was still after %s only", took)
		}
		moves(t, pictures)
	})
}

// spinner is eight dots, one of which is dark.
func spinner(k int) []observertest.Drawing {
	var dots []observertest.Drawing
	for i := range 8 {
		angle := float64(i) * math.Pi / 4
		p := image.Pt(24+int(16*math.Cos(angle)), 24+int(16*math.Sin(angle)))
		shade := uint32(0xd0d0d0)
		if i == k%8 {
			shade = 0x303030
		}
		dots = append(dots, observertest.Drawing{Box: image.Rectangle{Min: p, Max: p.Add(image.Pt(7, 7))}, Colour: shade})
	}
	return dots
}

func TestStillWithSpinner(t *testing.T) {
	watching(t, func(t *testing.T, eyes *observer.Eyes, pictures observer.Capturer) {
		observertest.Animate(t, image.Rect(600, 300, 660, 360), 60*time.Millisecond, spinner)
		settle(t, eyes, stillness)
		moves(t, pictures)
	})
}

// A page that loads for a while is waited for, also beside a spinner.
func TestStillAfterLoading(t *testing.T) {
	watching(t, func(t *testing.T, eyes *observer.Eyes, _ observer.Capturer) {
		observertest.Animate(t, image.Rect(600, 300, 660, 360), 60*time.Millisecond, spinner)
		loaded := observertest.Animate(t, image.Rect(100, 100, 500, 500), 100*time.Millisecond, func(k int) []observertest.Drawing {
			if k == 20 {
				return nil
			}
			return []observertest.Drawing{{Box: image.Rect(10, 10+18*k, 390, 22+18*k), Colour: 0x2060a0}}
		})
		settle(t, eyes, time.Second) // a machine with much to do may draw late
		select {
		case <-loaded:
		default:
			t.Error("the page was still loading")
		}
	})
}
