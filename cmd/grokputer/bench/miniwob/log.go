package miniwob

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/lines"
)

// Log keeps finished episodes in a file, one a line, so that an interrupted
// bench goes on where it was.
type Log struct{ *lines.File[Episode] }

// OpenLog opens the log in a folder, making both if need be. A line that an
// earlier process did not finish is dropped.
func OpenLog(folder string) (*Log, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("keep the episodes: %w", err)
	}
	file, err := lines.Open[Episode](filepath.Join(folder, "episodes.jsonl"), "episodes")
	if err != nil {
		return nil, err
	}
	return &Log{file}, nil
}

// Find returns an episode that was finished before.
func (l *Log) Find(with, task string, seed int64) (Episode, bool) {
	for _, e := range l.All() {
		if e.With == with && e.Task == task && e.Seed == seed {
			return e, true
		}
	}
	return Episode{}, false
}
