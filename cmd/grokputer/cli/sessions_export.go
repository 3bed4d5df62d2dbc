package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/grokputer/grokputer/cmd/grokputer/sessionlog"
)

type sessionsExportCmd struct {
	ID     string            `arg:"" help:"The session."`
	Format sessionlog.Format `help:"json: the session as it stands; steps: one line of JSON for each step, with what the planner was told." enum:"json,steps" default:"json" placeholder:"FORMAT"`
	Output string            `short:"o" help:"File to write; the standard output when not given." type:"path" placeholder:"FILE"`
}

// Run exports a session.
func (cmd *sessionsExportCmd) Run(_ context.Context, c *call) error {
	logs := sessionlog.In(c.data())
	if cmd.Output == "" {
		return logs.Export(c.out, cmd.ID, cmd.Format)
	}
	// A session tells what was on the screen: it is for its owner alone.
	file, err := os.OpenFile(cmd.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: name another file", cmd.Output)
	}
	if err != nil {
		return fmt.Errorf("export the session: %w", err)
	}
	err = errors.Join(logs.Export(io.Writer(file), cmd.ID, cmd.Format), file.Close())
	if err != nil {
		return errors.Join(err, os.Remove(cmd.Output))
	}
	return nil
}
