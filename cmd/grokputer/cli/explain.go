package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer"
)

type trainExplainCmd struct {
	asJSON

	Version string `arg:"" help:"The version, such as lora-v3."`
}

// lesson is a step that a version learned from, with how many variants of it.
type lesson struct {
	SessionID string `json:"session_id"`
	TaskID    string `json:"task_id"`
	Step      int    `json:"step"`
	Task      string `json:"task"`
	Said      string `json:"said"`
	Right     string `json:"right"`
	Variants  int    `json:"variants"`
}

// explanation is what a version was trained on.
type explanation struct {
	Adapter contracts.Adapter `json:"adapter"`
	Lessons []lesson          `json:"lessons"`
	Good    []lesson          `json:"good"`
	Replay  int               `json:"replay"`
	HeldOut int               `json:"held_out"`
}

// Run explains a version.
func (cmd *trainExplainCmd) Run(ctx context.Context, c *call) error {
	a, err := withBus(ctx, c, func(b *bus.Bus) (contracts.Adapter, error) { return getAdapter(ctx, b, cmd.Version) })
	if err != nil {
		return err
	}
	if a.Dataset.Key == "" {
		return fmt.Errorf("%s was not trained here: nothing is kept of what it learned from", a.Version)
	}
	examples, err := dataset(ctx, c, a.Dataset)
	if err != nil {
		return fmt.Errorf("explain %s: %w", a.Version, err)
	}
	e := explain(a, examples)
	if cmd.JSON {
		return c.json(e)
	}
	return e.say(c)
}

// dataset fetches a stored dataset and reads it.
func dataset(ctx context.Context, c *call, pointer contracts.Blob) (examples []trainer.Example, err error) {
	store, err := c.blobs(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.close(ctx)) }()
	folder, err := os.MkdirTemp("", "grokputer-dataset-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "dataset.jsonl.gz")
	if err := store.Download(ctx, pointer, file); err != nil {
		return nil, err
	}
	return trainer.ReadExamples(file)
}

// explain sorts the examples by the step that they come from.
func explain(a contracts.Adapter, examples []trainer.Example) explanation {
	e := explanation{Adapter: a, Lessons: []lesson{}, Good: []lesson{}}
	for _, x := range examples {
		switch {
		case x.HeldOut:
			e.HeldOut++
		case x.Kind == trainer.KindLesson && x.Source != nil:
			e.Lessons = learned(e.Lessons, x)
		case x.Kind == trainer.KindGood && x.Source != nil:
			e.Good = learned(e.Good, x)
		default:
			e.Replay++
		}
	}
	return e
}

// learned adds an example to the steps, of which it may be a variant.
func learned(steps []lesson, x trainer.Example) []lesson {
	for i := range steps {
		if s := &steps[i]; x.Varied && s.SessionID == x.Source.SessionID && s.Step == x.Source.Step {
			s.Variants++
			return steps
		}
	}
	return append(steps, lesson{
		SessionID: x.Source.SessionID, TaskID: x.Source.TaskID, Step: x.Source.Step,
		Task: x.State.Task, Said: x.Source.Said.String(), Right: x.Right.String(),
	})
}

// say writes the explanation, what was corrected first.
func (e explanation) say(c *call) error {
	a := e.Adapter
	from := "the base model"
	if a.Parent != "" {
		from = a.Parent
	}
	err := c.say("%s was trained from %s: %s", a.Version, from, describeTraining(a))
	if len(e.Lessons) > 0 {
		err = errors.Join(err, c.say("corrected steps:"))
	}
	for _, l := range e.Lessons {
		err = errors.Join(err, c.say("  When asked to %q it did: %s. You said that this would have been right: %s. (step %d of %s, %s)",
			screen.Line(l.Task), l.Said, l.Right, l.Step, l.SessionID, counted(l.Variants, "variant")))
	}
	if len(e.Good) > 0 {
		err = errors.Join(err, c.say("steps that were right:"))
	}
	for _, l := range e.Good {
		err = errors.Join(err, c.say("  When asked to %q it did: %s. (step %d of %s)", screen.Line(l.Task), l.Right, l.Step, l.SessionID))
	}
	return errors.Join(err,
		c.say("mixed in, so that what it knew is kept: %s of the starter's", counted(e.Replay, "example")),
		c.say("only measured with: %s", counted(e.HeldOut, "example")),
		c.say("rated sessions: %d", len(a.Sessions)))
}
