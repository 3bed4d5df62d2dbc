package observer

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"
)

// glanceLeast and glanceMost bound the pause between two glances at a screen that
// is to become still. Where each is a copy of the screen they are fewer for a
// longer wait.
const (
	glanceLeast = 40 * time.Millisecond
	glanceMost  = 150 * time.Millisecond
)

// Settle waits until the screen has not changed for still, or until ctx ends,
// which is no error. A blinking caret and what moves in one small place all the
// time, such as a spinner, do not count as changes.
func (e *Eyes) Settle(ctx context.Context, still time.Duration) error {
	_, err := e.Calm(ctx, still)
	return err
}

// Calm is Settle, and returns in which areas of the picture something moved all
// the time.
func (e *Eyes) Calm(ctx context.Context, still time.Duration) (moving []image.Rectangle, err error) {
	watch, pause, err := e.watch(ctx, still)
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer watch.Close()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var calm calm
	var since time.Time
	for {
		picture, drawn, err := watch.Look(ctx)
		if err != nil {
			return calm.moving(), ended(ctx, err)
		}
		now := time.Now()
		if drawn && calm.moved(picture) {
			since = now
		}
		if now.Sub(since) >= still {
			return calm.moving(), nil
		}
		select {
		case <-ctx.Done():
			return calm.moving(), nil
		case <-tick.C:
		}
	}
}

// watch is how to look at the screen repeatedly, and how often.
func (e *Eyes) watch(ctx context.Context, still time.Duration) (Watch, time.Duration, error) {
	if w, ok := e.capturer.(Watcher); ok {
		watch, err := w.Watch(ctx)
		if err == nil || errors.Is(err, ErrNoScreen) {
			return watch, glanceLeast, err
		}
	}
	return glances{e.capturer}, min(max(still/4, glanceLeast), glanceMost), nil
}

// ended is the error of a look that failed, none when the time was up.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the time was up
	}
	return fmt.Errorf("watch the screen: %w", err)
}
