package simulation

import (
	"math/rand/v2"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

// World is where experiments are drawn: how good the two versions are, and how they are rated.
type World struct {
	// Champion and Challenger are the stars of the arms. Of several distributions the
	// first holds at the beginning and the last at the end, each for as long as any other.
	Champion, Challenger []Stars
	// Silence are the probabilities with which a session of 1 to 5 stars is not rated.
	Silence [5]float64
	// FloodFrom and FloodTo are the sessions, from 0 up and without the last, that are rated with
	// one star whatever they were worth.
	FloodFrom, FloodTo int
	// Success says how likely a success is in the champion's and the challenger's arm. Where it
	// is nil, a session has succeeded when it is worth four or five stars, rated or not.
	Success *[2]float64
}

// Still is a world in which the versions keep their distributions, and all is rated.
func Still(champion, challenger Stars) World {
	return World{Champion: []Stars{champion}, Challenger: []Stars{challenger}}
}

// Alike is a world without a difference.
func Alike(stars ...Stars) World { return World{Champion: stars, Challenger: stars} }

// drawn is a session as it was.
type drawn struct {
	arm     experiment.Arm
	stars   int // 0: it was not rated
	success bool
}

// draw draws the i-th of n sessions.
func (w World) draw(r *rand.Rand, i, n int, share float64) drawn {
	d := drawn{arm: experiment.Champion}
	from, likely := w.Champion, 0
	if r.Float64() < share {
		d.arm, from, likely = experiment.Challenger, w.Challenger, 1
	}
	worth := from[i*len(from)/n].draw(r)
	d.success = worth >= 4
	if w.Success != nil {
		d.success = r.Float64() < w.Success[likely]
	}
	d.stars = worth
	if i >= w.FloodFrom && i < w.FloodTo {
		d.stars = 1
	}
	if silence := w.Silence[worth-1]; silence > 0 && r.Float64() < silence {
		d.stars = 0
	}
	return d
}
