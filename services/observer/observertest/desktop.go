package observertest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
)

// Capturer tests a capturer of a screen on which nothing moves.
func Capturer(t *testing.T, c observer.Capturer) {
	t.Helper()
	first, err := c.Capture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Image == nil || first.Image.Rect.Empty() || first.Image.Rect.Min.X != 0 || first.Image.Rect.Min.Y != 0 {
		t.Fatalf("the picture's bounds are %v, want some that begin at (0,0)", first.Image.Rect)
	}
	if first.Scale <= 0 || first.Time.IsZero() {
		t.Errorf("scale %g, time %v", first.Scale, first.Time)
	}
	for i := 3; i < len(first.Image.Pix); i += 4 {
		if first.Image.Pix[i] != 255 {
			t.Fatalf("pixel %d is transparent", i/4)
		}
	}
	second, err := c.Capture(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Image.Pix, second.Image.Pix) {
		t.Error("two captures of one screen differ")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Capture(ctx); !errors.Is(err, observer.ErrNoScreen) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v because of %v", err, observer.ErrNoScreen, context.Canceled)
	}
}

// Desk tests a desk of a desktop with at least one window, one of which has
// the focus and the title.
func Desk(t *testing.T, d observer.Desk, focused string) {
	t.Helper()
	windows, err := d.Windows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := observer.Focused(windows); got != focused {
		t.Errorf("the focused window is %q, want %q", got, focused)
	}
	focus := 0
	for _, w := range windows {
		if w.Content.Empty() || !w.Content.In(w.Frame) {
			t.Errorf("the content %v of %q is not within its frame %v", w.Content, w.Title, w.Frame)
		}
		if w.Role == "" {
			t.Errorf("%q has no role", w.Title)
		}
		if w.Focused {
			focus++
		}
	}
	if focus != 1 {
		t.Errorf("%d windows have the focus, want 1", focus)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Windows(ctx); !errors.Is(err, observer.ErrNoScreen) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v because of %v", err, observer.ErrNoScreen, context.Canceled)
	}
}
