package pages

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Log keeps recorded sessions in a file, one a line, so that an interrupted recording
// goes on where it was.
type Log struct {
	file *os.File
	// Sessions are those that were recorded.
	Sessions []Recorded
}

// OpenLog opens a log, making it if need be. A line that an earlier process did not
// finish is dropped.
func OpenLog(path string) (*Log, error) {
	l := &Log{}
	whole, err := l.read(path)
	if err != nil {
		return nil, err
	}
	if l.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("keep the recorded sessions: %w", err)
	}
	if err = l.file.Truncate(whole); err == nil {
		_, err = l.file.Seek(whole, 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep the recorded sessions: %w", err), l.file.Close())
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
		return 0, fmt.Errorf("read the recorded sessions: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read from
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return whole, nil // the end, or the beginning of a line
		}
		var r Recorded
		if err := json.Unmarshal(line, &r); err != nil {
			return 0, fmt.Errorf("read the recorded sessions: %s, session %d: %w", path, len(l.Sessions)+1, err)
		}
		l.Sessions = append(l.Sessions, r)
		whole += int64(len(line))
	}
}

// Add writes a session down.
func (l *Log) Add(r Recorded) error {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep a recorded session: %w", err)
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("keep a recorded session: %w", err)
	}
	l.Sessions = append(l.Sessions, r)
	return nil
}

// Close closes the file.
func (l *Log) Close() error { return l.file.Close() }

// Count is how many steps were recorded.
func (l *Log) Count() (n int) {
	for _, s := range l.Sessions {
		n += len(s.Steps)
	}
	return n
}

// Next is the number of the first session that was not recorded.
func (l *Log) Next() uint64 {
	if len(l.Sessions) == 0 {
		return 0
	}
	return l.Sessions[len(l.Sessions)-1].Number + 1
}
