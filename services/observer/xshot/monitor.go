package xshot

import (
	"fmt"
	"image"
	"os"

	"github.com/jezek/xgb"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/xmonitor"
	"github.com/grokputer/grokputer/services/observer"
)

// find asks the X server for the monitor that is meant, and for the first
// monitor's corner. Its errors are observer.ErrNoScreen.
func find(which observer.Monitor) (m contracts.Monitor, first image.Point, err error) {
	x, err := xgb.NewConn()
	if err != nil {
		return m, first, fmt.Errorf("%w: connect to the X display %q: %w", observer.ErrNoScreen, os.Getenv("DISPLAY"), err)
	}
	defer x.Close()
	if m, first, err = ask(x, which); err != nil {
		return m, first, fmt.Errorf("%w: %w", observer.ErrNoScreen, err)
	}
	return m, first, nil
}

func ask(x *xgb.Conn, which observer.Monitor) (m contracts.Monitor, first image.Point, err error) {
	if err := xmonitor.Prepare(x); err != nil {
		return m, first, err
	}
	monitors, err := xmonitor.List(x)
	if err != nil {
		return m, first, err
	}
	var attention image.Rectangle
	if which == observer.MonitorFocused {
		if attention, err = xmonitor.Attention(x); err != nil {
			return m, first, err
		}
	}
	m, err = which.Pick(monitors, attention)
	return m, monitors[0].Bounds.Min, err
}
