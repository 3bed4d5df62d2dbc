package lm

import (
	"context"
	"fmt"
)

// turn is what one at a time may have: it holds one value while nobody has it.
type turn chan struct{}

func newTurn() turn {
	t := make(turn, 1)
	t.give()
	return t
}

// take waits for the turn, or for the end of ctx.
func (t turn) take(ctx context.Context) error {
	select {
	case <-t:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("lm: waiting for the engine: %w", context.Cause(ctx))
	}
}

func (t turn) give() { t <- struct{}{} }
