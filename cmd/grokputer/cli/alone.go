package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/kit/xscreen"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
)

// place is a screen of its own with eyes that look at it, and nothing else.
type place struct {
	display string
	// authority is the file with the key to the display.
	authority string
	env       []string
	eyes      *bareEyes
}

// lookAlone starts a screen of its own and eyes with the reader that is set, has do
// work there, and ends them.
func lookAlone(
	ctx context.Context, c *call, reader readers.Settings, width, height int, do func(context.Context, place) error,
) (err error) {
	screen, err := xscreen.Start(ctx, xscreen.Options{Width: width, Height: height, WindowManager: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, screen.Close()) }()
	at := place{display: screen.Display(), env: screen.Env()}
	for _, kv := range at.env {
		if value, ok := strings.CutPrefix(kv, "XAUTHORITY="); ok {
			at.authority = value
		}
	}
	if err := (house.State{Display: at.display, XAuthority: at.authority}).Enter(); err != nil {
		return err
	}
	tell, flush, err := c.telemetry(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = flush(ctx) }() // there are no traces
	opened, err := readers.Open(reader.In(c.data()), tell.Log)
	if err != nil {
		return err
	}
	defer opened.Close()
	at.eyes = newBareEyes(at.display, opened)
	defer at.eyes.close()
	return do(ctx, at)
}
