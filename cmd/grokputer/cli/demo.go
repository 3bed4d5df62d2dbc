package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/readback"
	"github.com/grokputer/grokputer/contracts"
)

type demoCmd struct {
	work     `embed:""`
	rateFlag `embed:""`

	Task   string `help:"What the agent is to do." default:"open the text editor and type hello world" placeholder:"TEXT"`
	Expect string `help:"The text that has to stand in the editor then." default:"hello world" placeholder:"TEXT"`
	Window string `help:"The editor's window class (WM_CLASS)." default:"mousepad" placeholder:"NAME"`
}

// Run has the agent type a text and reads it back from the editor itself. On a
// terminal it stays up afterwards, for the person to look around.
func (cmd *demoCmd) Run(ctx context.Context, c *call) error {
	d, err := c.desktop(ctx, &cmd.work)
	if err != nil {
		return err
	}
	end, err := perform(ctx, c, d, contracts.TaskRequested{Task: cmd.Task, Desktop: cmd.Desktop}, false)
	if err == nil {
		err = cmd.verify(ctx, c, d)
	}
	cmd.rate(ctx, c, d, end)
	if c.interactive() {
		if err != nil {
			_ = c.note("%v", err) // it is the command's result too
		}
		err = errors.Join(err, d.stay(ctx, c))
	}
	return errors.Join(err, d.close(ctx))
}

// verify compares what stands in the editor with what should.
func (cmd *demoCmd) verify(ctx context.Context, c *call, d *desktop) error {
	if d.state.Display == "" {
		return errors.New("the desktop is not on this machine, so the editor cannot be read back")
	}
	if err := d.state.Enter(); err != nil {
		return err
	}
	text, err := readback.Text(ctx, d.state.Display, cmd.Window)
	if err != nil {
		return fmt.Errorf("read the editor back: %w", err)
	}
	// Editors differ in whether the last line ends.
	if got := strings.TrimSuffix(text, "\n"); got != cmd.Expect {
		return fmt.Errorf("the editor holds %q, not %q", got, cmd.Expect)
	}
	return c.say("read back from the editor: %q stands there", cmd.Expect)
}
