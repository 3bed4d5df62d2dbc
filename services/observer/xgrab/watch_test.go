package xgrab_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/xgrab"
)

// A watch shows what a capture shows, and knows when nothing was drawn.
func TestWatch(t *testing.T) {
	c := xgrab.New("", 0)
	defer c.Close()
	w, err := c.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	same := func(picture *image.RGBA) bool {
		capture, err := c.Capture(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Equal(capture.Image.Pix, picture.Pix)
	}
	first, drawn, err := w.Look(t.Context())
	if err != nil || !drawn || !same(first) {
		t.Fatalf("the first picture: %t, %v, or not that of a capture", drawn, err)
	}
	again, drawn, err := w.Look(t.Context())
	if err != nil || drawn || again != first {
		t.Errorf("with nothing drawn: %t, %v", drawn, err)
	}
	before := bytes.Clone(first.Pix)
	box := image.Rect(300, 200, 500, 300)
	observertest.Show(t, observertest.Shown{Title: "new", Box: box, Colour: 0x12ab56, Type: "_NET_WM_WINDOW_TYPE_TOOLTIP"})
	after, drawn, err := w.Look(t.Context())
	if err != nil || !drawn || !same(after) || bytes.Equal(after.Pix, before) {
		t.Errorf("with a window: %t, %v, or not that of a capture", drawn, err)
	}
	if !bytes.Equal(first.Pix, before) {
		t.Error("a picture was changed after it was returned")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := w.Look(ctx); !errors.Is(err, observer.ErrNoScreen) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v because of %v", err, observer.ErrNoScreen, context.Canceled)
	}
}

func TestWatchNoScreen(t *testing.T) {
	if _, err := xgrab.New(":9999", 0).Watch(t.Context()); !errors.Is(err, observer.ErrNoScreen) {
		t.Errorf("got %v", err)
	}
	if _, err := xgrab.New("", 3).Watch(t.Context()); !errors.Is(err, observer.ErrNoScreen) {
		t.Errorf("got %v for a monitor that is not there", err)
	}
}
