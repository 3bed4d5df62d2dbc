package path_test

import (
	"testing"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/path"
)

func TestBetween(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to actor.Point
		least    int // places
	}{
		{actor.Point{X: 100, Y: 100}, actor.Point{X: 100, Y: 100}, 12},
		{actor.Point{X: 100, Y: 100}, actor.Point{X: 130, Y: 90}, 12},
		{actor.Point{X: 2000, Y: 40}, actor.Point{X: -300, Y: 700}, 50},
		{actor.Point{X: 0, Y: 500}, actor.Point{X: 400, Y: 500}, 25},
	} {
		way := path.Between(test.from, test.to)
		if len(way) != test.least || way[len(way)-1] != test.to {
			t.Errorf("%v to %v has %d places and ends at %v", test.from, test.to, len(way), way[len(way)-1])
		}
		last := test.from
		for _, p := range way {
			if back := (p.X - last.X) * (test.to.X - test.from.X); back < 0 {
				t.Errorf("%v to %v goes back from %v to %v", test.from, test.to, last, p)
			}
			last = p
		}
		first, middle := way[0], way[len(way)/2].X-way[len(way)/2-1].X
		if d := first.X - test.from.X; test.from != test.to && d*d > middle*middle {
			t.Errorf("%v to %v starts with a leap of %d, and goes %d in the middle", test.from, test.to, d, middle)
		}
	}
}
