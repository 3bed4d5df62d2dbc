package observer

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"time"
)

const (
	// glanceLeast and glanceMost bound the pause between two glances at a
	// screen that is to become still.
	glanceLeast = 40 * time.Millisecond
	glanceMost  = 150 * time.Millisecond

	// A blinking text caret is at most this large, in pixels: it does not count
	// as a change.
	caretWide = 3
	caretTall = 48
)

// Settle waits until the screen has not changed for still, or until ctx ends,
// which is no error.
func (e *Eyes) Settle(ctx context.Context, still time.Duration) error {
	pause := min(max(still/4, glanceLeast), glanceMost)
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var last *image.RGBA
	var since time.Time
	for {
		c, err := e.capturer.Capture(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil // the time is up
			}
			return fmt.Errorf("capture the screen: %w", err)
		}
		now := time.Now()
		if last == nil || changed(last, c.Image) {
			since = now
		}
		last = c.Image
		if now.Sub(since) >= still {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// changed reports whether two pictures differ by more than a caret.
func changed(a, b *image.RGBA) bool {
	if a.Rect != b.Rect {
		return true
	}
	var diff image.Rectangle
	for y := range a.Rect.Dy() {
		p, q := a.Pix[y*a.Stride:][:4*a.Rect.Dx()], b.Pix[y*b.Stride:][:4*b.Rect.Dx()]
		if bytes.Equal(p, q) {
			continue
		}
		first, last := difference(p, q)
		diff = diff.Union(image.Rect(first/4, y, last/4+1, y+1))
		if diff.Dx() > caretWide || diff.Dy() > caretTall {
			return true
		}
	}
	return false
}

// difference is the first and the last index at which p and q differ.
func difference(p, q []byte) (first, last int) {
	for first < len(p) && p[first] == q[first] {
		first++
	}
	last = len(p) - 1
	for last > first && p[last] == q[last] {
		last--
	}
	return first, last
}
