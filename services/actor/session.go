package actor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// reserveSession makes the folder of a new session and returns the session's
// id: the wanted one, or one from the time, such as session_20251108_143052. A
// number is added to an id that is taken.
func reserveSession(dir, wanted string, now time.Time) (string, error) {
	base := wanted
	if base == "" {
		base = now.Format("session_20060102_150405")
	}
	id := base
	for n := 2; ; n++ {
		err := os.Mkdir(filepath.Join(dir, id), 0o700)
		if err == nil {
			return id, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("make the session's folder: %w", err)
		}
		id = fmt.Sprintf("%s_%d", base, n)
	}
}

// removeEmpty removes a folder unless something is in it.
func removeEmpty(dir string) error {
	err := os.Remove(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
