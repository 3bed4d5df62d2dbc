package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/follow"
	"github.com/grokputer/grokputer/cmd/grokputer/sessionlog"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
)

// lastPicture is the name of the file, in the session's folder, that shows the
// screen as the task left it.
const lastPicture = "last.png"

type runCmd struct {
	work     `embed:""`
	rateFlag `embed:""`
	lora     `embed:""`

	Task    []string `arg:"" help:"What the agent is to do, in plain words."`
	Session string   `help:"Name of the session that records it; made from the time when not given." placeholder:"ID"`
	JSON    bool     `env:"-" help:"Print each event as a line of JSON instead of text."`
	Stay    bool     `env:"-" help:"Keep what this started up until Ctrl-C."`
}

// Run gives the agent a task and returns nil only if it completed it.
func (cmd *runCmd) Run(ctx context.Context, c *call) error {
	adapter, err := cmd.adapter()
	if err != nil {
		return err
	}
	d, err := c.desktop(ctx, &cmd.work)
	if err != nil {
		return err
	}
	request := contracts.TaskRequested{
		Task: strings.Join(cmd.Task, " "), Desktop: cmd.Desktop, Session: cmd.Session, Adapter: adapter, DryRun: cmd.Safety.DryRun,
	}
	end, err := perform(ctx, c, d, request, cmd.JSON)
	if !cmd.JSON {
		cmd.rate(ctx, c, d, end)
	}
	if cmd.Stay {
		err = errors.Join(err, d.stay(ctx, c))
	}
	return errors.Join(err, d.close(ctx))
}

// lora are the settings of which adapter a task is planned with.
type lora struct {
	LoraVersion string `help:"Adapter version to plan this task with, such as lora-v1, or a stack of several with weights, such as lora-v3*0.7+lora-v5*0.3; a role's with its name before it, as in recovery:lora-v2, and several with commas; the champions when not given." placeholder:"VERSION"`
	NoLora      bool   `env:"-" help:"Plan this task with the base model alone, also where a version is set."`
}

// adapter is what to ask for, empty for the champions.
func (l lora) adapter() (string, error) {
	if l.NoLora {
		return contracts.VersionNone, nil
	}
	pins, err := contracts.ParsePins(l.LoraVersion)
	if err != nil {
		return "", fmt.Errorf("lora-version: %w", err)
	}
	return pins.String(), nil
}

// perform submits a task, shows what happens, and saves the last picture. The
// error is nil only if the task was completed.
func perform(ctx context.Context, c *call, d *desktop, request contracts.TaskRequested, asJSON bool) (follow.Ending, error) {
	show := follow.Text(c.out)
	if asJSON {
		show = follow.JSON(c.out)
	}
	end, err := follow.Task(ctx, d.bus, request, follow.Observer{
		Event: show,
		Gone:  d.gone(),
		Quiet: func() {
			_ = c.note("nobody has taken up the task yet: it waits, or no actor serves the desktop %s", request.Desktop)
		},
		Cancelling: func() { _ = c.note("cancelling the task; Ctrl-C again ends at once") },
	})
	if err != nil {
		return end, err
	}
	if err := picture(ctx, c, d.blobs, end); err != nil {
		return end, err
	}
	switch {
	case ctx.Err() != nil && end.Verb == contracts.VerbCancelled:
		return end, context.Cause(ctx)
	case end.Verb != contracts.VerbCompleted:
		return end, fmt.Errorf("the task was not completed: %s", end.Verb)
	default:
		return end, nil
	}
}

// picture saves the screen as the task left it and says where.
func picture(ctx context.Context, c *call, blobs *blob.Store, end follow.Ending) error {
	if end.Frame == nil || end.SessionID == "" {
		return nil
	}
	folder, err := sessionlog.In(c.data()).Folder(end.SessionID)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("save the last picture: %w", err)
	}
	path := filepath.Join(folder, lastPicture)
	if err := blobs.Download(context.WithoutCancel(ctx), end.Frame.Image, path); err != nil {
		return fmt.Errorf("save the last picture: %w", err)
	}
	return c.note("last picture: %s", path)
}
