package screen

import "errors"

// ErrNoElement means that a target names nothing that is on the screen.
var ErrNoElement = errors.New("no such element on the screen")
