package miniwob

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Log keeps finished episodes in a file, one a line, so that an interrupted
// bench goes on where it was.
type Log struct {
	file     *os.File
	episodes []Episode
}

// OpenLog opens the log in a folder, making both if need be. A line that an
// earlier process did not finish is dropped.
func OpenLog(folder string) (*Log, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("keep the episodes: %w", err)
	}
	path := filepath.Join(folder, "episodes.jsonl")
	l := &Log{}
	whole, err := l.read(path)
	if err != nil {
		return nil, err
	}
	l.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep the episodes: %w", err)
	}
	if err = l.file.Truncate(whole); err == nil {
		_, err = l.file.Seek(whole, 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep the episodes: %w", err), l.file.Close())
	}
	return l, nil
}

// read returns how many bytes of the file are whole lines.
func (l *Log) read(path string) (whole int64, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the episodes: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read from
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return whole, nil // the end, or the beginning of a line
		}
		var e Episode
		if err := json.Unmarshal(line, &e); err != nil {
			return 0, fmt.Errorf("%s holds a line that is no episode: remove it, or name another folder: %w", path, err)
		}
		l.episodes = append(l.episodes, e)
		whole += int64(len(line))
	}
}

// Find returns an episode that was finished before.
func (l *Log) Find(with, task string, seed int64) (Episode, bool) {
	for _, e := range l.episodes {
		if e.With == with && e.Task == task && e.Seed == seed {
			return e, true
		}
	}
	return Episode{}, false
}

// Add writes an episode down.
func (l *Log) Add(e Episode) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("keep an episode: %w", err)
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("keep an episode: %w", err)
	}
	l.episodes = append(l.episodes, e)
	return nil
}

// Close closes the file.
func (l *Log) Close() error { return l.file.Close() }
