// Package xshot takes pictures of the screen with kbinani/screenshot.
package xshot

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jezek/xgb"
	"github.com/kbinani/screenshot"

	"github.com/grokputer/grokputer/services/observer"
)

// Capturer is an observer.Capturer for the display that the process's
// environment names: the library knows no other.
type Capturer struct {
	monitor observer.Monitor
	// busy holds a token while a capture runs: one that hangs is not followed
	// by others that hang.
	busy chan struct{}
}

// New returns a Capturer of one monitor or of all.
func New(monitor observer.Monitor) *Capturer {
	// xgb writes notices to standard error that say nothing the errors do not.
	xgb.Logger.SetOutput(io.Discard)
	return &Capturer{monitor: monitor, busy: make(chan struct{}, 1)}
}

// Capture implements observer.Capturer.
func (c *Capturer) Capture(ctx context.Context) (observer.Capture, error) {
	select {
	case c.busy <- struct{}{}:
	case <-ctx.Done():
		return observer.Capture{}, fmt.Errorf("%w: the capture before this one does not end: %w", observer.ErrNoScreen, ctx.Err())
	}
	type answer struct {
		capture observer.Capture
		err     error
	}
	back := make(chan answer, 1)
	go func() {
		defer func() { <-c.busy }()
		capture, err := c.capture()
		back <- answer{capture, err}
	}()
	select {
	case a := <-back:
		return a.capture, a.err
	case <-ctx.Done():
		return observer.Capture{}, fmt.Errorf("%w: it does not answer: %w", observer.ErrNoScreen, ctx.Err())
	}
}

func (c *Capturer) capture() (observer.Capture, error) {
	m, first, err := find(c.monitor)
	if err != nil {
		return observer.Capture{}, err
	}
	// The library counts from the first monitor's corner.
	at := m.Bounds.Sub(first)
	picture, err := screenshot.CaptureRect(at)
	if err != nil {
		return observer.Capture{}, fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
	}
	return observer.Capture{
		Image: picture, Monitor: m.Number, Origin: m.Bounds.Min, Scale: 1, Time: time.Now(),
	}, nil
}
