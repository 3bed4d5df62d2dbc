package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

type trainExplainCmd struct {
	asJSON
	ofRole

	Version string `arg:"" help:"The version, such as lora-v3."`
	Example int    `env:"-" help:"Show one example whole, by its number: the screen, what was done, what was right, who said so." placeholder:"K"`
}

// explanation is what a version was trained on.
type explanation struct {
	Adapter  contracts.Adapter         `json:"adapter"`
	Examples int                       `json:"examples"`
	Lessons  []contracts.ExplainedStep `json:"lessons"`
	Good     []contracts.ExplainedStep `json:"good"`
	Bad      []contracts.ExplainedStep `json:"bad"`
	Replay   int                       `json:"replay"`
	HeldOut  int                       `json:"held_out"`
	// Search is how its settings were found; nil when they are the ones that were set.
	Search *gate.Search `json:"search,omitempty"`
}

// Run explains a version.
func (cmd *trainExplainCmd) Run(ctx context.Context, c *call) error {
	a, examples, err := datasetOf(ctx, c, cmd.ofRole, cmd.Version)
	if err != nil {
		return fmt.Errorf("explain %s: %w", cmd.Version, err)
	}
	if cmd.Example != 0 {
		one, err := trainer.ExplainExample(examples, cmd.Example)
		if err != nil {
			return fmt.Errorf("explain %s: %w", a.Version, err)
		}
		if cmd.JSON {
			return c.json(one)
		}
		return sayExample(c, a, one, len(examples))
	}
	e := explain(a, examples)
	var report gate.Report
	if err := beside(ctx, c, a, contracts.ReportFile, &report); err != nil { // the rest is worth showing
		if err := c.note("whether its settings were searched for is not known: %v", err); err != nil {
			return err
		}
	}
	e.Search = report.Search
	if cmd.JSON {
		return c.json(e)
	}
	return e.say(c)
}

// datasetOf returns a version and what it was trained on.
func datasetOf(ctx context.Context, c *call, role ofRole, version string) (a contracts.Adapter, examples []trainer.Example, err error) {
	a, err = withBus(ctx, c, func(b *bus.Bus) (contracts.Adapter, error) { return getAdapter(ctx, b, role, version) })
	if err != nil {
		return a, nil, err
	}
	if a.Dataset.Key == "" {
		return a, nil, fmt.Errorf("%s was not trained here: nothing is kept of what it learned from", a.Version)
	}
	examples, err = dataset(ctx, c, a.Dataset)
	return a, examples, err
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

// explain sorts the steps by their kind.
func explain(a contracts.Adapter, examples []trainer.Example) explanation {
	all := trainer.Explain(examples)
	e := explanation{
		Adapter: a, Examples: all.Examples, Replay: all.Replay, HeldOut: all.HeldOut,
		Lessons: []contracts.ExplainedStep{}, Good: []contracts.ExplainedStep{}, Bad: []contracts.ExplainedStep{},
	}
	for _, s := range all.Steps {
		switch s.Kind {
		case trainer.KindLesson:
			e.Lessons = append(e.Lessons, s)
		case trainer.KindBad:
			e.Bad = append(e.Bad, s)
		default:
			e.Good = append(e.Good, s)
		}
	}
	return e
}

// say writes the explanation, what was corrected first.
func (e explanation) say(c *call) error {
	a := e.Adapter
	from := "the base model"
	if a.Parent != "" {
		from = a.Parent
	}
	err := c.say("%s was trained from %s: %s", a.Version, from, describeTraining(a))
	if e.Search != nil {
		err = errors.Join(err, c.say("in a search for its settings, %s", screen.Line(e.Search.Sentence())))
	}
	for _, part := range []struct {
		title string
		steps []contracts.ExplainedStep
		tell  func(contracts.ExplainedStep) string
	}{
		{"corrected steps:", e.Lessons, func(s contracts.ExplainedStep) string {
			return fmt.Sprintf("it did: %s. You said that this would have been right: %s.", s.Said, s.Right)
		}},
		{"steps that were right:", e.Good, func(s contracts.ExplainedStep) string { return fmt.Sprintf("it did: %s.", s.Right) }},
		{"steps that were wrong:", e.Bad, func(s contracts.ExplainedStep) string {
			return fmt.Sprintf("it did: %s, and %s.", s.Said, screen.Line(s.Reason))
		}},
	} {
		if len(part.steps) > 0 {
			err = errors.Join(err, c.say("%s", part.title))
		}
		for _, s := range part.steps {
			err = errors.Join(err, c.say("  %d. When asked to %q %s (step %d of %s, %s)",
				s.Example, screen.Line(s.Task), part.tell(s), s.Step, s.SessionID, counted(s.Variants, "variant")))
		}
	}
	return errors.Join(err,
		c.say("mixed in, so that what it knew is kept: %s of the starter's", counted(e.Replay, "example")),
		c.say("only measured with: %s", counted(e.HeldOut, "example")),
		c.say("rated sessions: %d", len(a.Sessions)),
		c.say("`grokputer train explain %s%s --example K` shows the example of a number from 1 to %d whole", a.Version, ofRole{a.Role}.options(), e.Examples))
}

// sayExample shows one example of so many whole.
func sayExample(c *call, a contracts.Adapter, x contracts.ExplainedExample, of int) error {
	lines := []string{fmt.Sprintf("example %d of %d that %s was trained on: %s%s", x.Example, of, a.Version, x.Kind, traits(x))}
	for line := range strings.Lines(x.Prompt) {
		lines = append(lines, "  | "+strings.TrimRight(line, "\n"))
	}
	for _, l := range [][2]string{{"did", x.Said}, {"right", x.Right}} {
		if l[1] != "" {
			lines = append(lines, fmt.Sprintf("%-8s %s", l[0], l[1]))
		}
	}
	if x.Adapter.Version != "" {
		lines = append(lines, "by       "+screen.Line(x.Adapter.String()))
	}
	from := "the starter's generated tasks: nobody's session"
	if x.SessionID != "" {
		from = fmt.Sprintf("step %d of %s (task %s), rated with %s", x.Step, x.SessionID, x.TaskID, counted(x.Rating, "star"))
	}
	lines = append(lines, "from     "+from)
	if x.Basis != "" {
		lines = append(lines,
			fmt.Sprintf("said by  the %s (%s): %s; %.0f %% sure", x.By, x.Basis, screen.Line(x.Reason), 100*x.Weight),
			fmt.Sprintf("when     %s, in the rating %s: event %d of the stream %s", local(x.Rated), x.FeedbackID, x.Sequence, contracts.StreamFeedback))
	}
	return c.say("%s", strings.Join(lines, "\n"))
}

// traits says what is special about an example.
func traits(x contracts.ExplainedExample) string {
	text := ""
	if x.Varied {
		text += ", a variant made by rules"
	}
	if x.HeldOut {
		text += ", only measured with"
	}
	return text
}
