package bench

import (
	"context"
	"fmt"
	"image"
	"os"

	"github.com/grokputer/grokputer/cmd/grokputer/readback"
)

// Place is the desktop that the tasks run on, with what the oracles read.
type Place struct {
	// Display is the X display, such as ":7".
	Display string
	// Folders are the folders that the agent may use, by the names it knows.
	// The bench empties them.
	Folders map[string]string
	// Editor and Calculator are the WM_CLASS names of the programs.
	Editor, Calculator string
	// Home is the home folder of the programs. A recording empties it.
	Home string
	// Env is the environment of programs that are opened beside the agent.
	Env func() []string
	// Capture takes a picture of the screen.
	Capture func() (image.Image, error)
}

// Clear ends every program that a task before has left.
func (p Place) Clear(ctx context.Context) error { return readback.CloseAll(ctx, p.Display) }

// emptyFolder leaves the folder of that name with nothing in it.
func (p Place) emptyFolder(name string) error {
	path, ok := p.Folders[name]
	if !ok {
		return fmt.Errorf("the agent has no folder %s", name)
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return os.MkdirAll(path, 0o700)
}
