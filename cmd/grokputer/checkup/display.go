package checkup

import (
	"context"
	"fmt"
	"io"
	"os/exec"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Display looks at the X display that the agent is to work on; an empty one
// means a screen of the agent's own, which Xvfb makes.
func Display(display string) Probe {
	const name = "display"
	if display == "" {
		return Program(name, "Xvfb", "apt-get install xvfb, or name a display with --display", true)
	}
	return func(context.Context) Finding {
		// xgb writes notices to standard error that say nothing its errors do not.
		xgb.Logger.SetOutput(io.Discard)
		conn, err := xgb.NewConnDisplay(display)
		if err != nil {
			return missing(name, fmt.Sprintf("%s does not answer: %v", display, err),
				"start that X server, set XAUTHORITY to its cookie file, or leave --display out for a screen of the agent's own")
		}
		defer conn.Close()
		s := xproto.Setup(conn).DefaultScreen(conn)
		return found(name, fmt.Sprintf("%s, %dx%d", display, s.WidthInPixels, s.HeightInPixels))
	}
}

// WindowManager looks for the window manager of the agent's own screen.
func WindowManager(display string) Probe {
	const name = "window manager"
	return func(context.Context) Finding {
		if display != "" {
			return found(name, "that of "+display)
		}
		path, err := exec.LookPath("openbox")
		if err != nil {
			return missing(name, "openbox is not on PATH", "apt-get install openbox")
		}
		return found(name, path)
	}
}
