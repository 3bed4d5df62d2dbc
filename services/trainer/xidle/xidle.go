// Package xidle knows from an X server for how long nobody has used mouse and keyboard.
package xidle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/services/trainer"
)

// Desk is an X display. Each question opens a connection of its own: there are few, and
// the server may go away between them.
type Desk struct {
	// Display is its name, such as ":0"; empty is $DISPLAY.
	Display string
}

var _ trainer.Desk = Desk{}

// Idle implements trainer.Desk. The agent's hands count as use, too.
func (d Desk) Idle(ctx context.Context) (time.Duration, error) {
	type answer struct {
		idle time.Duration
		err  error
	}
	answers := make(chan answer, 1)
	go func() { // the protocol's library cannot be interrupted
		idle, err := d.ask()
		answers <- answer{idle, err}
	}()
	select {
	case a := <-answers:
		return a.idle, a.err
	case <-ctx.Done():
		return 0, fmt.Errorf("the display %s does not answer: %w", d.Display, ctx.Err())
	}
}

func (d Desk) ask() (time.Duration, error) {
	xgb.Logger.SetOutput(io.Discard) // it says nothing that the errors do not
	conn, err := xgb.NewConnDisplay(d.Display)
	if err != nil {
		return 0, fmt.Errorf("connect to the display %s: %w", d.Display, err)
	}
	defer conn.Close()
	if err := screensaver.Init(conn); err != nil {
		return 0, fmt.Errorf("the display %s lacks the MIT-SCREEN-SAVER extension: %w", d.Display, err)
	}
	info, err := screensaver.QueryInfo(conn, xproto.Drawable(xproto.Setup(conn).DefaultScreen(conn).Root)).Reply()
	if err != nil {
		return 0, fmt.Errorf("ask the display %s: %w", d.Display, err)
	}
	if info == nil {
		return 0, errors.New("the display gives no answer")
	}
	return time.Duration(info.MsSinceUserInput) * time.Millisecond, nil
}
