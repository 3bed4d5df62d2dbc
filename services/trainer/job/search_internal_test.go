package job

import (
	"fmt"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// A search's own steps are of what would be trained on: what is held out, and what the gate
// measures with, it never reads.
func TestOwnOf(t *testing.T) {
	t.Parallel()
	var read []trainer.Example
	add := func(n int, e trainer.Example) {
		for range n {
			e.State = prompt.State{Task: fmt.Sprint(len(read))}
			read = append(read, e)
		}
	}
	right := action.Action{Verb: action.Done}
	for _, id := range []string{"a", "b"} {
		lesson := trainer.Example{Kind: trainer.KindLesson, Right: right, Source: &trainer.Source{TaskID: id, Step: 1}}
		add(1, lesson)
		varied := lesson
		varied.Varied = true
		add(map[string]int{"a": 21, "b": 1}[id], varied)
	}
	add(40, trainer.Example{Kind: trainer.KindGood, Right: right})
	add(700, trainer.Example{Kind: "write", Right: right})
	add(5, trainer.Example{Kind: trainer.KindBad})
	learned := len(read)
	add(6, trainer.Example{Kind: trainer.KindLesson, Varied: true, HeldOut: true})
	add(9, trainer.Example{Kind: "write", HeldOut: true, Set: gate.Replay})

	o := ownOf(read)
	if len(o.lessons) != 3 || len(o.replayed) != mostOwn || len(o.read) != learned {
		t.Fatalf("%d variants and %d others are its own, and it reads %d of %d", len(o.lessons), len(o.replayed), len(o.read), learned)
	}
	for _, e := range o.lessons {
		if !e.Varied || e.Source.TaskID != "a" {
			t.Errorf("its own is %+v", e)
		}
	}
	seen := map[string]bool{}
	held := 0
	for _, e := range o.read {
		if seen[e.State.Task] || e.Set != "" || slices.ContainsFunc(read[learned:], func(x trainer.Example) bool { return x.State.Task == e.State.Task }) {
			t.Errorf("it reads %+v", e)
		}
		seen[e.State.Task] = true
		if e.HeldOut {
			held++
		}
	}
	if held != len(o.lessons)+len(o.replayed) {
		t.Errorf("%d are held out", held)
	}
}

func TestGrid(t *testing.T) {
	t.Parallel()
	r := trainer.Recipe{LearningRate: 2e-4, Rank: 16, Alpha: 32}
	nine := grid(r, true)
	if len(nine) != 9 || nine[0].LearningRate != 2e-4 || nine[0].Rank != 16 {
		t.Errorf("%+v", nine)
	}
	if got := recipeOf(r, gate.Trial{LearningRate: 4e-4, Rank: 8}); got.LearningRate != 4e-4 || got.Rank != 8 || got.Alpha != 16 {
		t.Errorf("%+v", got)
	}
	three := grid(r, false)
	if len(three) != 3 || recipeOf(r, three[2]) != (trainer.Recipe{LearningRate: 1e-4, Rank: 16, Alpha: 32}) {
		t.Errorf("%+v", three)
	}
	if small := grid(trainer.Recipe{LearningRate: 0.75, Rank: 1, Alpha: 1}, true); len(small) != 4 {
		t.Errorf("%+v", small)
	}
}

func TestRounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		trials, steps, every int
		want                 []int
	}{
		{9, 60, 15, []int{15, 30, 45, 60}}, {3, 60, 15, []int{30, 60}}, {3, 165, 15, []int{60, 120}},
		{9, 8, 4, []int{4, 8, 8, 8}}, {3, 2, 15, []int{2, 2}}, {1, 60, 15, nil},
	} {
		if got := rounds(c.trials, c.steps, c.every); !slices.Equal(got, c.want) {
			t.Errorf("%d trials of %d steps are compared at %v, want %v", c.trials, c.steps, got, c.want)
		}
	}
}

// trials are some with a measurement each: the loss, and how many of 40 replayed steps are lost.
func trials(rounds ...[2]float64) *search {
	s := &search{run: &run{}}
	s.Gate = gate.DefaultRules()
	for _, r := range rounds {
		lost := int(r[1])
		s.state.Trials = append(s.state.Trials, gate.Trial{Rounds: []gate.Round{{
			Step: 15, HeldOut: r[0], Replay: gate.Set{Name: gate.Replay, Both: 40 - lost, Lost: lost},
		}}})
	}
	return s
}

func TestHalve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rounds [][2]float64
		left   []int
		best   int
	}{
		"the lesser losses":            {[][2]float64{{0.3, 0}, {0.1, 0}, {0.2, 0}}, []int{1, 2}, 1},
		"equal ones, the set one":      {[][2]float64{{0.2, 0}, {0.2, 0}}, []int{0}, 0},
		"not one that forgets":         {[][2]float64{{0.3, 0}, {0.1, 3}, {0.2, 0}}, []int{0, 2}, 2},
		"two steps of 40 are no proof": {[][2]float64{{0.3, 0}, {0.1, 2}}, []int{1}, 1},
		"the least forgetful":          {[][2]float64{{0.3, 5}, {0.1, 4}, {0.05, 9}}, []int{1}, 1},
	} {
		s := trials(c.rounds...)
		s.halve()
		if left := s.left(); !slices.Equal(left, c.left) || s.best() != c.best {
			t.Errorf("%s: %v are left, the best is %d; want %v and %d", name, left, s.best(), c.left, c.best)
		}
	}
}

// When the time is over in the middle of a round, the last whole round counts.
func TestBestOfAWholeRound(t *testing.T) {
	t.Parallel()
	s := trials([2]float64{0.3, 0}, [2]float64{0.2, 0}, [2]float64{0.4, 0})
	s.state.Round, s.state.Ended = 1, "the time is over"
	s.state.Trials[0].Rounds = append(s.state.Trials[0].Rounds, gate.Round{Step: 30, HeldOut: 0.05})
	if got := s.best(); got != 1 {
		t.Errorf("the best is %d", got)
	}
	none := trials()
	none.state.Trials, none.state.Ended = grid(trainer.Recipe{LearningRate: 1e-3, Rank: 2}, false), "the time is over"
	if got := none.best(); got != 0 {
		t.Errorf("with none measured the best is %d", got)
	}
}
