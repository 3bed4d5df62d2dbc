package job_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
	"github.com/grokputer/grokputer/services/trainer/job"
)

// searched is a training that begins from the base and looks for its settings: two
// corrections with their variants, and as many steps to replay.
func searched(t *testing.T) trainer.Assignment {
	t.Helper()
	var all []trainer.Example
	for i, button := range []string{"A", "B"} {
		e := lesson(fmt.Sprint("s", i), "get "+button, button)
		e.Source.TaskID = e.Source.SessionID
		all = append(all, e)
		for v := range 12 {
			varied := e
			varied.Varied, varied.State.Task = true, fmt.Sprintf("get %s %d", button, v)
			if v == 11 {
				varied.HeldOut = true
			}
			all = append(all, varied)
		}
	}
	for i := range 20 {
		e := lesson("", fmt.Sprint("end ", i), "C")
		e.Kind, e.Source = "press", nil
		all = append(all, e)
	}
	a := gated(t, all...)
	a.Recipe.MinSteps, a.Recipe.MaxSteps, a.Recipe.EvalEvery, a.Recipe.CheckpointEvery = 24, 24, 4, 5
	a.Recipe.LeaveOut, a.Recipe.LearningRate, a.Recipe.Search = 0, 1e-3, time.Hour
	return a
}

func TestSearches(t *testing.T) {
	t.Parallel()
	a := searched(t)
	trained, updates := run(t, a)
	report := reportOf(t, a)
	s := report.Search
	if s == nil || len(s.Trials) != 9 || s.Lessons != 4 || s.Replayed != 2 || s.Ended != "" {
		t.Fatalf("the report has %+v", s)
	}
	best := s.Trials[s.Chosen]
	for _, trial := range s.Trials {
		last := trial.Last()
		if last.Step == best.Last().Step && last.HeldOut < best.Last().HeldOut || trial.Out == "" != (trial.LearningRate == best.LearningRate && trial.Rank == best.Rank) {
			t.Errorf("%s was chosen, not %s: %+v", best, trial, s.Trials)
		}
	}
	if best.LearningRate != 2e-3 { // a tiny model in few steps: the faster the better
		t.Errorf("%s was chosen", best)
	}
	first := "searching: 3 of 9, learning rate 0.0005, rank 8"
	if !slices.ContainsFunc(updates, func(u trainer.Update) bool {
		p, ok := u.(trainer.Progressed)
		return ok && p.Doing == first && p.Steps == 24
	}) {
		t.Errorf("nothing tells of %q", first)
	}
	text := report.Markdown()
	for _, want := range []string{"## Settings", "9 of 9 settings were compared", "| " + best.String() + " | 16 |", "| chosen |", "of 2 |", "4 variants of corrected steps and 2 other steps"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the report:\n%s", want, text)
		}
	}
	if len(report.Curve) != 24 {
		t.Errorf("the curve has %d points", len(report.Curve))
	}

	// It is what a training with these settings alone makes of the same steps.
	alone := searched(t)
	read, err := trainer.ReadExamples(filepath.Join(alone.Folder, trainer.DatasetFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.WriteExamples(filepath.Join(alone.Folder, trainer.DatasetFile), job.OwnOf(read)); err != nil {
		t.Fatal(err)
	}
	alone.Recipe = job.RecipeOf(alone.Recipe, best)
	alone.Recipe.Search = 0
	if same, _ := run(t, alone); same.SHA256 != trained.SHA256 {
		t.Errorf("the adapter is %s, trained alone %s", trained.SHA256, same.SHA256)
	}
}

// One that begins from another version keeps its rank.
func TestSearchKeepsTheParentsRank(t *testing.T) {
	t.Parallel()
	first := assignment(t)
	parent, _ := run(t, first)
	a := searched(t)
	a.Parent, a.ParentFolder, a.ParentSHA256 = "lora-v1", filepath.Join(first.Folder, trainer.AdapterFolder), parent.SHA256
	run(t, a)
	if s := reportOf(t, a).Search; len(s.Trials) != 3 || s.Trials[s.Chosen].Rank != 0 {
		t.Errorf("%+v", s)
	}
}

// At the end of the time the best so far is trained to its end; without any, what is set.
func TestSearchEndsInTime(t *testing.T) {
	t.Parallel()
	a := searched(t)
	a.Recipe.Search = time.Nanosecond
	trained, _ := run(t, a)
	s := reportOf(t, a).Search
	if s.Chosen != 0 || trained.Steps != 24 || !strings.Contains(s.Sentence(), "0 of 9 settings were compared") || !strings.Contains(s.Ended, "in round 1 of 4") {
		t.Errorf("%d steps: %s", trained.Steps, s.Sentence())
	}
}

// With nothing to compare by the training is as without a search, and says so.
func TestSearchHasNothingToCompareBy(t *testing.T) {
	t.Parallel()
	plain := gated(t, four()...)
	plain.Recipe.LeaveOut = 0
	want, _ := run(t, plain)
	a := gated(t, four()...)
	a.Recipe.LeaveOut, a.Recipe.Search = 0, time.Hour
	got, _ := run(t, a)
	if s := reportOf(t, a).Search; got.SHA256 != want.SHA256 || s == nil || !strings.Contains(s.Sentence(), "no settings were compared: 0 steps") {
		t.Errorf("%s, want %s: %+v", got.SHA256, want.SHA256, s)
	}
}

// A search whose process is killed goes on where it was, and finds the same.
func TestKilledSearchGoesOn(t *testing.T) {
	t.Parallel()
	whole := searched(t)
	want, _ := run(t, whole)
	for _, at := range []string{"searching: 5 of 9", "searching: 2 of 5", ""} { // a first round, a second one, the last steps
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			a := searched(t)
			killed := false
			_, err := job.Process{}.Run(t.Context(), a, func(u trainer.Update) {
				if p, ok := u.(trainer.Progressed); ok && !killed && p.Step >= 3 && strings.HasPrefix(p.Doing, at) && (at != "" || p.Doing == "") {
					killed = true
					kill(t, a.Folder)
				}
			}, nil)
			if err == nil || !killed {
				t.Fatalf("it ended with %v, killed %t", err, killed)
			}
			got, updates := run(t, a)
			if got.SHA256 != want.SHA256 || got.GateWhy != want.GateWhy {
				t.Errorf("killed: %s, %s\nelse: %s, %s", got.SHA256, got.GateWhy, want.SHA256, want.GateWhy)
			}
			rounds := func(a trainer.Assignment) (list [][]gate.Round) {
				for _, trial := range reportOf(t, a).Search.Trials {
					list = append(list, trial.Rounds)
				}
				return list
			}
			if got, want := fmt.Sprint(rounds(a)), fmt.Sprint(rounds(whole)); got != want {
				t.Errorf("it measured\n%s, else\n%s", got, want)
			}
			if slices.ContainsFunc(updates, func(u trainer.Update) bool {
				p, ok := u.(trainer.Progressed)
				return ok && strings.HasPrefix(p.Doing, "searching: 1 of 9")
			}) {
				t.Error("it began anew")
			}
		})
	}
}

// A search rests as any training, and its rest is not counted.
func TestSearchRests(t *testing.T) {
	t.Parallel()
	const rest = time.Second
	a := searched(t)
	orders := make(chan bool, 1)
	orders <- true // it is there before the first step
	began, rested := time.Now(), false
	var awake atomic.Bool
	trained, err := job.Process{}.Run(t.Context(), a, func(u trainer.Update) {
		p, ok := u.(trainer.Progressed)
		switch {
		case ok && p.Step == 0 && !rested: // it is about to begin
			rested = true
			time.AfterFunc(rest, func() {
				awake.Store(true)
				orders <- false
			})
		case ok && p.Step > 0 && !awake.Load():
			t.Error("it does a step while it rests")
		}
	}, orders)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	want, _ := run(t, searched(t))
	if s := reportOf(t, a).Search; trained.SHA256 != want.SHA256 || s.Ended != "" || s.Seconds > (took-rest).Seconds() {
		t.Errorf("%s, want %s; %.1f s of %s: %+v", trained.SHA256, want.SHA256, s.Seconds, took, s)
	}
}

// kill kills the training process that works in a folder.
func kill(t *testing.T, folder string) {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Error(err)
	}
	for _, link := range processes {
		if at, err := os.Readlink(link); err != nil || at != folder {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err == nil {
			err = syscall.Kill(pid, syscall.SIGKILL)
		}
		if err != nil {
			t.Error(err)
		}
		return
	}
	t.Errorf("no process works in %s", folder)
}
