package xgrab_test

import (
	"errors"
	"image"
	"image/color"
	"os"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/xgrab"
)

func TestMain(m *testing.M) { os.Exit(observertest.OnScreen(m)) }

// The tests share one screen: they come one after the other.

func TestCapturer(t *testing.T) {
	observertest.Capturer(t, xgrab.New("", 0))
}

func TestPicture(t *testing.T) {
	box := image.Rect(300, 200, 500, 300)
	observertest.Show(t, observertest.Shown{
		Title: "a colour", Box: box, Colour: 0x12ab56, Type: "_NET_WM_WINDOW_TYPE_TOOLTIP",
	})
	c, err := xgrab.New("", 0).Capture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.Image.Rect != image.Rect(0, 0, observertest.ScreenWidth, observertest.ScreenHeight) || c.Origin != (image.Point{}) {
		t.Fatalf("the picture is %v at %v", c.Image.Rect, c.Origin)
	}
	want := color.RGBA{0x12, 0xab, 0x56, 0xff}
	for _, p := range []image.Point{box.Min, box.Max.Sub(image.Pt(1, 1))} {
		if got := c.Image.RGBAAt(p.X, p.Y); got != want {
			t.Errorf("the pixel at %v is %v, want %v", p, got, want)
		}
	}
	if got := c.Image.RGBAAt(box.Min.X-1, box.Min.Y); got == want {
		t.Errorf("the pixel beside the window is %v", got)
	}
}

func TestNoMonitor(t *testing.T) {
	_, err := xgrab.New("", 7).Capture(t.Context())
	if !errors.Is(err, observer.ErrNoScreen) || !strings.Contains(err.Error(), "monitor 7") {
		t.Errorf("got %v, want %v for monitor 7", err, observer.ErrNoScreen)
	}
}

func TestNoScreen(t *testing.T) {
	t.Setenv("DISPLAY", ":9999")
	_, err := xgrab.New("", 0).Capture(t.Context())
	if !errors.Is(err, observer.ErrNoScreen) || !strings.Contains(err.Error(), ":9999") {
		t.Errorf("got %v, want %v for :9999", err, observer.ErrNoScreen)
	}
}

// A capturer goes on when the connection broke.
func TestReconnects(t *testing.T) {
	c := xgrab.New("", 0)
	for range 2 {
		if _, err := c.Capture(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
}
