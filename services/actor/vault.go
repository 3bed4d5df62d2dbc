package actor

import (
	"context"
	"errors"
)

// ErrOutside means that a path is not inside the configured folders, links resolved.
var ErrOutside = errors.New("the path is outside the configured folders")

// Vault is the folders in which the agent may look for files and save pictures.
type Vault interface {
	// Folders returns the folders' names, with which paths begin.
	Folders() []string
	// Find lists the files that match the pattern, sorted, each as folder/path.
	// A pattern without a slash is looked for at every depth; ** stands for any
	// number of folders. Letters match in either case.
	Find(ctx context.Context, pattern string) ([]string, error)
	// Save writes a file and returns its path as folder/path. It replaces a file
	// of that name at once, or leaves it as it was.
	Save(ctx context.Context, path string, data []byte) (string, error)
}
