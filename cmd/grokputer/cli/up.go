package cli

import (
	"context"
	"errors"
)

type upCmd struct {
	work `embed:""`
}

// Run starts everything and stays until Ctrl-C, which is how it ends well.
func (cmd *upCmd) Run(ctx context.Context, c *call) error {
	if err := cmd.allow(ctx, c); err != nil {
		return err
	}
	s, err := start(ctx, c, &cmd.work)
	if err != nil {
		return err
	}
	err = cmd.describe(c, s)
	if err == nil {
		s.wait(ctx)
		if ctx.Err() != nil {
			err = c.note("stopping")
		}
	}
	return errors.Join(err, s.stop(ctx))
}

// describe says where things are. The last line begins with ready.
func (cmd *upCmd) describe(c *call, s *service) error {
	state := s.State()
	screen := state.Display + ", yours"
	if cmd.Screen.Display == "" {
		screen = state.Display + ", its own, " + cmd.Screen.Size
	}
	planner := cmd.Planner.planner(c.data())
	lines := [][2]string{
		{"data", c.data()},
		{"screen", screen},
		{"nats", state.NATS},
		{"s3", "http://" + state.S3 + ", bucket " + state.Bucket},
		{"page", state.HTTP},
		{"planner", describePlanner(planner)},
	}
	const task = `"open the text editor and type hello world"`
	if client := s.NATSClient(); client != "" {
		lines = append(lines, [2]string{"try", client + " pub task.requested " + task})
	}
	lines = append(lines, [2]string{"try", "grokputer run " + task})
	for _, line := range lines {
		if err := c.say("%-8s %s", line[0], line[1]); err != nil {
			return err
		}
	}
	if err := warn(c, planner, cmd.starter(c.data())); err != nil {
		return err
	}
	return c.say("ready after %.1f s; Ctrl-C ends everything", s.took.Seconds())
}
