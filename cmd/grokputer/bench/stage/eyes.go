package stage

import (
	"context"
	"image"

	"github.com/grokputer/grokputer/contracts/screen"
)

// Eyes look at the screen that a stage is on.
type Eyes interface {
	// Look takes a picture and says what is on it, as one who has never seen it
	// before when fresh, and with what is remembered else.
	Look(ctx context.Context, fresh bool) (image.Image, screen.Screen, error)
	// Settle waits until nothing moves.
	Settle(ctx context.Context) error
}
