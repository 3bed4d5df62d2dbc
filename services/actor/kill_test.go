package actor_test

import (
	"testing"

	"github.com/grokputer/grokputer/services/actor"
)

// A process that is killed at any moment of a step repeats nothing and leaves
// nothing out. What counts is what the program on the screen was given.
func TestKill(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it kills and starts processes for half a minute")
	}
	at := map[actor.Moment]crash{ // all others: of the step that types
		actor.AfterSent: {Step: 3, Stroke: 8}, actor.AfterStroke: {Step: 3, Stroke: 8}, actor.AfterEnd: {Step: 5}, actor.AfterEnded: {Step: 5},
	}
	for _, moment := range actor.Moments() {
		c, ok := at[moment]
		if !ok {
			c.Step = 3
		}
		c.Moment = moment
		t.Run(string(moment), func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			v.crash(c)
			if err := v.judge(); err != nil {
				t.Error(err)
			}
		})
	}
}

// One that goes on after a crash may be killed again, and the next, too.
func TestKillAgain(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it kills and starts processes for ten seconds")
	}
	v := newVictim(t)
	for _, c := range []crash{
		{Moment: actor.AfterIntent, Step: 1}, {Moment: actor.AfterActing, Step: 1}, {Moment: actor.AfterSent, Step: 1, Stroke: 1},
		{Moment: actor.AfterAct, Step: 1}, {Moment: actor.AfterDone, Step: 2}, {Moment: actor.AfterActing, Step: 3},
		{Moment: actor.AfterSent, Step: 3, Stroke: 1}, {Moment: actor.AfterStroke, Step: 3, Stroke: 8}, {Moment: actor.AfterSent, Step: 3, Stroke: 14},
		{Moment: actor.AfterPublished, Step: 3}, {Moment: actor.AfterStroke, Step: 4, Stroke: 1}, {Moment: actor.AfterDone, Step: 5}, {Moment: actor.AfterEnd, Step: 5},
	} {
		v.crash(c)
	}
	if err := v.judge(); err != nil {
		t.Error(err)
	}
}
