package xtest

import (
	"context"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/xmonitor"
	"github.com/grokputer/grokputer/services/actor"
)

// Monitors implements actor.Hands.
func (h *Hands) Monitors(ctx context.Context) (monitors []contracts.Monitor, err error) {
	err = h.use(ctx, func(d *display) error {
		defer d.patiently()()
		if monitors, err = xmonitor.List(d.conn); err != nil {
			return d.lost(err)
		}
		return nil
	})
	return monitors, err
}

// Pointer implements actor.Hands.
func (h *Hands) Pointer(ctx context.Context) (p actor.Point, err error) {
	err = h.use(ctx, func(d *display) error {
		defer d.patiently()()
		at, err := xmonitor.Pointer(d.conn)
		if err != nil {
			return d.lost(err)
		}
		p = actor.Point{X: at.X, Y: at.Y}
		return nil
	})
	return p, err
}

// Move implements actor.Hands.
func (h *Hands) Move(ctx context.Context, p actor.Point) error {
	return h.use(ctx, func(d *display) error {
		d.motion(p)
		return d.sync()
	})
}
