package cli

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/cmd/grokputer/bench"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/services/actor/launch"
	"github.com/grokputer/grokputer/services/actor/scripted"
	"github.com/grokputer/grokputer/services/trainer"
)

type starterCmd struct {
	Record starterRecordCmd `cmd:"" help:"Carry out generated tasks on real programs by their known right actions, and keep what was on the screen."`
	Pages  starterPagesCmd  `cmd:"" help:"Carry out tasks on made-up pages in a real browser, and keep what was on the screen."`
}

type starterRecordCmd struct {
	work `embed:""`

	Out   string   `arg:"" help:"File for the steps." type:"path"`
	N     int      `short:"n" help:"How many tasks of each kind." default:"20" placeholder:"N"`
	Kinds []string `help:"The kinds of tasks." default:"write,sum,find,picture,open" placeholder:"NAME,..."`
	Seed  uint64   `help:"Draws the tasks." default:"2" placeholder:"N"`
}

// Run records steps for the training of the starter adapter.
func (cmd *starterRecordCmd) Run(ctx context.Context, c *call) (err error) {
	apps, err := launch.New(launch.Options{Apps: cmd.apps()})
	if err != nil {
		return err
	}
	recorder := &bench.Recorder{Apps: apps.Names()}
	s, place, err := startApart(ctx, c, &cmd.work, func(config *house.Config) {
		config.Planner.Own = scripted.New(recorder.Next)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	recorder.Runner = bench.Runner{Bus: s.Bus(), Place: place, Seed: cmd.Seed, Done: func(r bench.Result) {
		_ = c.note("%-8s %5.1f s  %s", r.Case.Kind, r.Seconds, r.Case.Task)
	}}
	steps, err := recorder.Record(ctx, cmd.Kinds, cmd.N)
	if err != nil {
		return err
	}
	if err := trainer.WriteExamples(cmd.Out, steps); err != nil {
		return err
	}
	return c.say("%d steps written to %s", len(steps), cmd.Out)
}
