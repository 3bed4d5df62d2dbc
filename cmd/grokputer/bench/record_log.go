package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/grokputer/grokputer/services/trainer/starter"
)

// RecordLog keeps the sessions that were tried, one a line of a file, so that
// an interrupted recording goes on where it was.
type RecordLog struct {
	path  string
	tries map[string]Try // by kind and number
}

// OpenRecordLog reads the log, which need not be there yet. A last line that
// was cut off is removed.
func OpenRecordLog(path string) (*RecordLog, error) {
	l := &RecordLog{path: path, tries: map[string]Try{}}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the log of the recording: %w", err)
	}
	whole := bytes.LastIndexByte(content, '\n') + 1
	if whole < len(content) {
		if err := os.Truncate(path, int64(whole)); err != nil {
			return nil, fmt.Errorf("the log of the recording: %w", err)
		}
	}
	n := 0
	for line := range bytes.Lines(content[:whole]) {
		n++
		var t Try
		if err := json.Unmarshal(line, &t); err != nil {
			return nil, fmt.Errorf("the log of the recording, %s, line %d: %w (remove the file to begin anew)", path, n, err)
		}
		l.tries[tryKey(t.Kind, t.N)] = t
	}
	return l, nil
}

func tryKey(kind string, n int) string { return fmt.Sprintf("%s %d", kind, n) }

// Find returns the try of a session, the n-th of its kind, if it was tried
// before. One that had another task came from another seed or generator.
func (l *RecordLog) Find(s starter.Session, n int) (Try, bool) {
	t, ok := l.tries[tryKey(s.Kind, n)]
	return t, ok && t.Task == s.Task
}

// Add appends a try. It is on the disk when Add returns.
func (l *RecordLog) Add(t Try) (err error) {
	line, err := json.Marshal(t)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the log of the recording: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("the log of the recording: %w", err)
	}
	l.tries[tryKey(t.Kind, t.N)] = t
	return f.Sync()
}
