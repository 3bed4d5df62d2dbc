package job

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/services/trainer/gate"
)

// left are the trials that were not given up.
func (s *search) left() (left []int) {
	for i, t := range s.state.Trials {
		if t.Out == "" {
			left = append(left, i)
		}
	}
	return left
}

// halve gives up the trials that forget, and the worse half of all.
func (s *search) halve() {
	left := s.left()
	slices.SortStableFunc(left, s.better)
	for place, i := range left {
		t := &s.state.Trials[i]
		last := t.Last()
		switch {
		case place == 0: // one has to go on, and the gate decides
		case s.Gate.Forgets(last.Replay):
			t.Out = fmt.Sprintf("it forgets: %d of %d replayed steps were lost", last.Replay.Lost, last.Replay.N())
		case place >= (len(left)+1)/2:
			t.Out = fmt.Sprintf("given up after %d steps", last.Step)
		}
	}
}

// better is less than 0 for the better of two trials by the last round that is over: one that
// does not forget, then the one of less loss.
func (s *search) better(i, k int) int {
	a, b := s.judged(i), s.judged(k)
	forgets, forgetsToo := s.Gate.Forgets(a.Replay), s.Gate.Forgets(b.Replay)
	switch {
	case forgets && forgetsToo:
		return cmp.Or(-cmp.Compare(a.Replay.Difference(), b.Replay.Difference()), cmp.Compare(a.HeldOut, b.HeldOut))
	case forgets:
		return 1
	case forgetsToo:
		return -1
	default:
		return cmp.Compare(a.HeldOut, b.HeldOut)
	}
}

// judged is the measurement by which a trial is compared: that of the round that has just come
// to its end or, once the time is over, of the last that did.
func (s *search) judged(i int) gate.Round {
	measured := s.state.Trials[i].Rounds
	if s.state.Ended != "" && s.state.Round > 0 {
		measured = measured[:s.state.Round]
	}
	return measured[len(measured)-1]
}

// best is the trial that goes on to its end: the set one if none was measured.
func (s *search) best() int {
	left := slices.DeleteFunc(s.left(), func(i int) bool { return len(s.state.Trials[i].Rounds) == 0 })
	if len(left) == 0 {
		return 0
	}
	slices.SortStableFunc(left, s.better)
	return left[0]
}
