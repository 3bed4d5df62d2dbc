package robot

import (
	"context"

	"github.com/go-vgo/robotgo"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/actor"
)

// Monitors implements actor.Hands.
func (h *Hands) Monitors(ctx context.Context) (monitors []contracts.Monitor, err error) {
	err = h.use(ctx, func(d *desktop) error {
		monitors, err = d.monitors()
		return err
	})
	return monitors, err
}

// Pointer implements actor.Hands.
func (h *Hands) Pointer(ctx context.Context) (p actor.Point, err error) {
	err = h.use(ctx, func(*desktop) error {
		p.X, p.Y = robotgo.Location()
		return nil
	})
	return p, err
}

// Move implements actor.Hands.
func (h *Hands) Move(ctx context.Context, p actor.Point) error {
	return h.use(ctx, func(*desktop) error {
		robotgo.Move(p.X, p.Y)
		return nil
	})
}
