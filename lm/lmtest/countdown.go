package lmtest

import (
	"context"
	"sync/atomic"
)

// Countdown is a context that ends when it is asked for the nth time.
type Countdown struct {
	context.Context //nolint:containedctx // it is one

	left atomic.Int32
}

// NewCountdown returns a context that says n times that it goes on.
func NewCountdown(parent context.Context, n int) *Countdown {
	c := &Countdown{Context: parent}
	c.left.Store(int32(n))
	return c
}

// Err counts.
func (c *Countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}
