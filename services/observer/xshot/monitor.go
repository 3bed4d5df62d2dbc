package xshot

import (
	"fmt"
	"image"
	"os"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xinerama"

	"github.com/grokputer/grokputer/services/observer"
)

// monitor is a monitor's place in the pointer's coordinates, and the first
// monitor's corner.
type monitor struct {
	bounds image.Rectangle
	first  image.Point
}

// find asks the X server for a monitor's place.
func find(index int) (monitor, error) {
	x, err := xgb.NewConn()
	if err != nil {
		return monitor{}, fmt.Errorf("%w: connect to the X display %q: %w", observer.ErrNoScreen, os.Getenv("DISPLAY"), err)
	}
	defer x.Close()
	if err := xinerama.Init(x); err != nil {
		return monitor{}, fmt.Errorf("%w: ask for the monitors: %w", observer.ErrNoScreen, err)
	}
	reply, err := xinerama.QueryScreens(x).Reply()
	if err != nil {
		return monitor{}, fmt.Errorf("%w: ask for the monitors: %w", observer.ErrNoScreen, err)
	}
	if index < 0 || index >= len(reply.ScreenInfo) {
		return monitor{}, fmt.Errorf("%w: there is no monitor %d (of %d)", observer.ErrNoScreen, index, len(reply.ScreenInfo))
	}
	s, first := reply.ScreenInfo[index], reply.ScreenInfo[0]
	return monitor{
		bounds: image.Rect(int(s.XOrg), int(s.YOrg), int(s.XOrg)+int(s.Width), int(s.YOrg)+int(s.Height)),
		first:  image.Pt(int(first.XOrg), int(first.YOrg)),
	}, nil
}
