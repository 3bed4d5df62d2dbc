// Package wholefile writes a file so that its path holds all of the content or what it
// held before, whenever the machine stops.
package wholefile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write makes path hold what content writes, readable by its owner only: the content
// goes to a temporary file beside it, reaches the disk, and is renamed. On an error
// path is as it was.
func Write(path string, content func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)

	file, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}

	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()

	out := bufio.NewWriter(file)
	if err := content(out); err != nil {
		return fmt.Errorf("content: %w", err)
	}

	if err := out.Flush(); err != nil {
		return fmt.Errorf("content: %w", err)
	}

	if err := file.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}

	if err := file.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}

	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("rename: %w", err)
	}

	return Sync(dir)
}

// Sync makes a file's content, or a rename in a folder, survive a power failure.
func Sync(path string) error {
	handle, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}

	if err := errors.Join(handle.Sync(), handle.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}

	return nil
}
