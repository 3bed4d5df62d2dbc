package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/rollout"
)

type benchRolloutCmd struct {
	Runs  int    `env:"-" help:"How many experiments of each kind." default:"10000" placeholder:"N"`
	Seed  uint64 `env:"-" help:"Draws the experiments: the same seed draws the same ones." default:"1" placeholder:"N"`
	Write string `env:"-" help:"File of Markdown that is written with the result." type:"path" placeholder:"FILE"`
	JSON  bool   `env:"-" help:"Print the result as JSON."`
}

// Run simulates experiments between two adapter versions.
func (cmd *benchRolloutCmd) Run(ctx context.Context, c *call) error {
	if cmd.Runs < 1 {
		return fmt.Errorf("runs: %d is not a number of experiments from 1 up", cmd.Runs)
	}
	trial := 0
	report, err := rollout.Run(ctx, cmd.Runs, cmd.Seed, func(group, line string) {
		trial++
		_ = c.note("%2d of %d  %-6s %s", trial, rollout.Trials(), group, line)
	})
	if err != nil {
		return err
	}
	if cmd.Write != "" {
		with := measuredWith(fmt.Sprintf("grokputer bench rollout --runs %d --seed %d", cmd.Runs, cmd.Seed))
		if err := rollout.Write(cmd.Write, report.Markdown(with)); err != nil {
			return err
		}
	}
	if cmd.JSON {
		return c.json(report)
	}
	return errors.Join(
		c.table(rollout.Heading(), report.Rows()),
		c.say("without a difference %.2f %% are decided at most; median and p90 are sessions of the challenger's arm\n", 100*report.FalseDecisionRate),
		c.table(rollout.HorizonHeading(), report.HorizonRows()),
		c.say("lost are the expected stars of %d sessions together, compared with the better version in each of them", rollout.Horizon),
	)
}
