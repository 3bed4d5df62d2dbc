// Package path is the way of the pointer from one place to another, as a hand
// goes it.
package path

import (
	"math"
	"time"

	"github.com/grokputer/grokputer/services/actor"
)

const (
	// Pause is the time between two places of the way.
	Pause = 10 * time.Millisecond
	// Hold is how long a hand rests between a press and the move after it, and
	// before it lets go.
	Hold = 40 * time.Millisecond

	// stride is the way between two places on average, in pixels.
	stride = 16
	// fewest and most bound the number of places: 120 ms to half a second.
	fewest, most = 12, 50
)

// Between returns the places after from, the last of which is to: close together
// at both ends and far apart in the middle (the minimum-jerk movement of Flash
// and Hogan, 1985: 10 t^3 - 15 t^4 + 6 t^5).
func Between(from, to actor.Point) []actor.Point {
	dx, dy := float64(to.X-from.X), float64(to.Y-from.Y)
	n := min(most, max(fewest, int(math.Hypot(dx, dy)/stride)))
	way := make([]actor.Point, n)
	for i := range way {
		t := float64(i+1) / float64(n)
		done := t * t * t * (10 - 15*t + 6*t*t)
		way[i] = actor.Point{X: from.X + int(math.Round(done*dx)), Y: from.Y + int(math.Round(done*dy))}
	}
	return way
}
