package actor

import (
	"context"
	"errors"
)

// ErrNoApp means that an application is not on the list, not installed, or ended at once.
var ErrNoApp = errors.New("the application cannot be opened")

// Apps opens applications of an allow list.
type Apps interface {
	// Names returns the names and aliases that Open takes.
	Names() []string
	// Open starts the application, or brings it up if it runs only once. It does
	// not wait for its window. Errors are an ErrNoApp or ctx's.
	Open(ctx context.Context, name string) error
}
