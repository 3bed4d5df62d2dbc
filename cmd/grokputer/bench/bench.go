// Package bench measures the agent on tasks with random wordings and contents.
// What a task did is judged by an oracle that reads the programs' own state or
// the file system, never by the agent's word.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/follow"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// Case is one task and how it is judged.
type Case struct {
	Kind string
	// Task is what the agent is asked.
	Task string
	// Prepare makes the world that the task needs; may be nil.
	Prepare func(Place) error
	// Judge reads what the task did. wrong is a sentence, empty when all is right.
	Judge func(context.Context, Place, contracts.TaskEnded) (wrong string, err error)
}

// Kind makes the cases of one kind of task.
type Kind struct {
	Name string
	Draw func(*rand.Rand) Case
}

// Kinds returns the kinds of tasks.
func Kinds() []Kind {
	return []Kind{
		{Name: "write", Draw: drawWrite},
		{Name: "screenshot", Draw: drawScreenshot},
		{Name: "count", Draw: drawCount},
		{Name: "sum", Draw: drawSum},
	}
}

// Score counts how a kind of task went.
type Score struct {
	N       int `json:"n"`
	Success int `json:"success"`
}

// Report is the result of a run.
type Report struct {
	Tasks map[string]Score `json:"tasks"`
	// Mean is the mean over the kinds of their share of successes.
	Mean float64 `json:"mean"`
	// Steps says how long whole steps took.
	Steps Steps `json:"steps"`
}

// Result is how one case went.
type Result struct {
	Case    Case
	Wrong   string // why it is no success; empty for one
	Ending  follow.Ending
	Steps   []contracts.TaskStep
	Seconds float64
}

// Runner works through cases on one desktop.
type Runner struct {
	Bus   *bus.Bus
	Place Place
	// Seed draws the cases: the same seed gives the same ones.
	Seed uint64
	// Done is called after each case; may be nil.
	Done func(Result)
}

// Run draws and runs n cases of each kind. An error means that the bench could
// not go on, not that a task failed.
func (r Runner) Run(ctx context.Context, kinds []Kind, n int) (Report, error) {
	report := Report{Tasks: map[string]Score{}}
	var took []time.Duration
	for _, kind := range kinds {
		rng := rand.New(rand.NewPCG(r.Seed, uint64(len(kind.Name))<<8|uint64(kind.Name[0])))
		score := Score{}
		for range n {
			result, err := r.one(ctx, kind.Draw(rng))
			if err != nil {
				return report, fmt.Errorf("task kind %s: %w", kind.Name, err)
			}
			score.N++
			took = append(took, wholeSteps(result.Steps)...)
			if result.Wrong == "" {
				score.Success++
			}
			report.Tasks[kind.Name] = score
			if r.Done != nil {
				r.Done(result)
			}
		}
	}
	for _, s := range report.Tasks {
		report.Mean += float64(s.Success) / float64(s.N) / float64(len(report.Tasks))
	}
	report.Steps = stepsOf(took)
	return report, nil
}

// one runs a case on a desktop without windows.
func (r Runner) one(ctx context.Context, c Case) (Result, error) {
	if err := r.Place.Clear(ctx); err != nil {
		return Result{}, err
	}
	if c.Prepare != nil {
		if err := c.Prepare(r.Place); err != nil {
			return Result{}, fmt.Errorf("prepare %q: %w", c.Task, err)
		}
	}
	began := time.Now()
	var steps []contracts.TaskStep
	ending, err := follow.Task(ctx, r.Bus, contracts.TaskRequested{Task: c.Task}, follow.Observer{
		Event: func(e follow.Event) error {
			if e.Verb != contracts.VerbStep {
				return nil
			}
			var step contracts.TaskStep
			if err := json.Unmarshal(e.Body, &step); err != nil {
				return fmt.Errorf("read a step: %w", err)
			}
			steps = append(steps, step)
			return nil
		},
		Quiet:      func() {},
		Cancelling: func() {},
	})
	if err != nil {
		return Result{}, err
	}
	result := Result{Case: c, Ending: ending, Steps: steps, Seconds: time.Since(began).Seconds()}
	result.Wrong, err = c.Judge(ctx, r.Place, ending.TaskEnded)
	if err != nil {
		return Result{}, fmt.Errorf("judge %q: %w", c.Task, err)
	}
	if result.Wrong != "" && ending.Reason != "" {
		result.Wrong += " (" + ending.Reason + ")"
	}
	return result, nil
}
