package miniwob

import (
	"context"
	"fmt"
	"image"
	"slices"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/stage"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Tally counts what was found.
type Tally struct {
	N     int `json:"n"`
	Found int `json:"found"`
}

func (t Tally) plus(found bool) Tally {
	t.N++
	if found {
		t.Found++
	}
	return t
}

// Share is the part that was found; 1 of nothing.
func (t Tally) Share() float64 {
	if t.N == 0 {
		return 1
	}
	return float64(t.Found) / float64(t.N)
}

// Sight is what the eyes make of the pages.
type Sight struct {
	Scale  int                   `json:"scale"`
	N      int                   `json:"n"`
	Found  int                   `json:"found"`
	ByKind map[screen.Kind]Tally `json:"by_kind"`
	ByTask map[string]Tally      `json:"by_task"`
	// FirstFrameMS and LaterFrameMS are how long it took to capture and read a
	// page that was never seen, and the same page with a small part changed: the
	// median, in milliseconds.
	FirstFrameMS float64 `json:"first_frame_ms"`
	LaterFrameMS float64 `json:"later_frame_ms"`
	// Causes counts the misses by kind and cause.
	Causes map[screen.Kind]map[Cause]int `json:"causes"`
	Misses []Miss                        `json:"misses,omitempty"`
}

// Miss is one thing that was not found.
type Miss struct {
	Task  string      `json:"task"`
	Seed  int64       `json:"seed"`
	Kind  screen.Kind `json:"kind"`
	Cause Cause       `json:"cause"`
	// Text says what was wanted and what was seen instead.
	Text string `json:"text"`
}

// Watcher has eyes look at pages and judges what they see.
type Watcher struct {
	Stage *Stage
	Eyes  stage.Eyes
	// Done is called after each page; may be nil. Its error ends the watch.
	Done func(Seen) error
}

// Seen is one page as it was seen first.
type Seen struct {
	Task     string
	Seed     int64
	Picture  image.Image
	Screen   screen.Screen
	Verdicts []Verdict

	first, later float64 // how long it took, in milliseconds
}

// Found counts what was found.
func (s Seen) Found() Tally {
	var t Tally
	for _, v := range s.Verdicts {
		t = t.plus(v.Found)
	}
	return t
}

// Watch looks at each task's page with each seed.
func (w Watcher) Watch(ctx context.Context, tasks []string, seeds []int64) (Sight, error) {
	sight := Sight{
		Scale: w.Stage.Scale(), ByKind: map[screen.Kind]Tally{}, ByTask: map[string]Tally{},
		Causes: map[screen.Kind]map[Cause]int{},
	}
	var first, later []float64
	for _, task := range tasks {
		for _, seed := range seeds {
			seen, err := w.look(ctx, task, seed)
			if err != nil {
				return sight, fmt.Errorf("%s, seed %d: %w", task, seed, err)
			}
			first, later = append(first, seen.first), append(later, seen.later)
			for _, v := range seen.Verdicts {
				sight = sight.with(task, seed, v)
			}
			if w.Done == nil {
				continue
			}
			if err := w.Done(seen); err != nil {
				return sight, err
			}
		}
	}
	sight.FirstFrameMS, sight.LaterFrameMS = median(first), median(later)
	return sight, nil
}

// look judges one page, and looks again after a small part of it has changed.
func (w Watcher) look(ctx context.Context, task string, seed int64) (Seen, error) {
	visit, ready, err := w.Stage.Show(ctx, task, seed, true)
	if err != nil {
		return Seen{}, err
	}
	seen := Seen{Task: task, Seed: seed}
	if seen.Picture, seen.Screen, seen.first, err = w.timed(ctx, true); err != nil {
		return Seen{}, err
	}
	seen.Verdicts = Judge(ready.Wanted, seen.Screen.Elements)
	if err := w.Stage.Change(ctx, visit); err != nil {
		return Seen{}, err
	}
	_, _, seen.later, err = w.timed(ctx, false)
	return seen, err
}

// timed looks when nothing moves and says how long that took, in milliseconds.
func (w Watcher) timed(ctx context.Context, fresh bool) (image.Image, screen.Screen, float64, error) {
	if err := w.Eyes.Settle(ctx); err != nil {
		return nil, screen.Screen{}, 0, err
	}
	began := time.Now()
	picture, s, err := w.Eyes.Look(ctx, fresh)
	return picture, s, float64(time.Since(began).Microseconds()) / 1000, err
}

func (s Sight) with(task string, seed int64, v Verdict) Sight {
	kind := v.Wanted.Kinds[0]
	s.N++
	s.ByKind[kind], s.ByTask[task] = s.ByKind[kind].plus(v.Found), s.ByTask[task].plus(v.Found)
	if v.Found {
		s.Found++
		return s
	}
	if s.Causes[kind] == nil {
		s.Causes[kind] = map[Cause]int{}
	}
	s.Causes[kind][v.Cause]++
	s.Misses = append(s.Misses, Miss{Task: task, Seed: seed, Kind: kind, Cause: v.Cause, Text: v.String()})
	return s
}

// median is the middle one, 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
