package checkup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Disk looks whether the disk that holds dir has at least need bytes free. The
// folder itself need not exist yet.
func Disk(dir string, need int64) Probe {
	const name = "disk space"
	return func(context.Context) Finding {
		free, err := freeBytes(dir)
		if err != nil {
			return missing(name, err.Error(), "choose another data folder with --data")
		}
		detail := fmt.Sprintf("%.1f GB free for %s", float64(free)/(1<<30), dir)
		if free < need {
			return missing(name, detail, fmt.Sprintf(
				"free some: tasks are rejected below %.0f GB. `grokputer sessions delete` removes old sessions", float64(need)/(1<<30)))
		}
		return found(name, detail)
	}
}

// freeBytes is what may still be written to the disk of dir, or of the nearest
// folder above it that exists.
func freeBytes(dir string) (int64, error) {
	for {
		var st unix.Statfs_t
		err := unix.Statfs(dir, &st)
		if err == nil {
			return int64(st.Bavail) * st.Bsize, nil
		}
		up := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || up == dir {
			return 0, fmt.Errorf("measure the free space of %s: %w", dir, err)
		}
		dir = up
	}
}
