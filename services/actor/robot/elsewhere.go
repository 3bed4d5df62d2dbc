//go:build darwin || windows

package robot

import (
	"context"
	"fmt"
	"image"

	"github.com/go-vgo/robotgo"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/actor"
)

// lending: characters are sent as such, no key is lent to them.
const lending = 0

// desktop tells that all is well, for nothing can be seen of the desktop here.
type desktop struct{}

// look reports a missing screen as an actor.ErrNoDisplay.
func look(context.Context) (*desktop, error) {
	if width, height := robotgo.GetScreenSize(); width <= 0 || height <= 0 {
		return nil, fmt.Errorf("%w: no screen is attached", actor.ErrNoDisplay)
	}
	return &desktop{}, nil
}

func (*desktop) close()              {}
func (*desktop) focus() (int, error) { return 0, nil }
func (*desktop) keyboard() error     { return nil }
func (*desktop) capsLock() error     { return nil }

// monitors are those that robotgo knows.
func (*desktop) monitors() ([]contracts.Monitor, error) {
	var monitors []contracts.Monitor
	for i := range robotgo.DisplaysNum() {
		x, y, w, h := robotgo.GetDisplayBounds(i)
		monitors = append(monitors, contracts.Monitor{Number: i, Bounds: image.Rect(x, y, x+w, y+h)})
	}
	return monitors, nil
}
