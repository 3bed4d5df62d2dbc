// Package lines keeps values in a file, one a line, so that what was interrupted goes on
// where it was.
package lines

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// File is a file with a value of JSON on each line.
type File[T any] struct {
	file *os.File
	what string
	kept []T
}

// Open opens a file, making it if need be. A line that an earlier process did not finish
// is dropped. What is the plural of the values, for errors.
func Open[T any](path, what string) (*File[T], error) {
	f := &File[T]{what: what}
	whole, err := f.read(path)
	if err != nil {
		return nil, err
	}
	if f.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("keep the %s: %w", what, err)
	}
	if err = f.file.Truncate(whole); err == nil {
		_, err = f.file.Seek(whole, 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep the %s: %w", what, err), f.file.Close())
	}
	return f, nil
}

// read returns how many bytes of the file are whole lines.
func (f *File[T]) read(path string) (whole int64, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the %s: %w", f.what, err)
	}
	defer file.Close() //nolint:errcheck // only read from
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return whole, nil // the end, or the beginning of a line
		}
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return 0, fmt.Errorf("read the %s: line %d of %s is none of them: remove it, or name another place: %w", f.what, len(f.kept)+1, path, err)
		}
		f.kept = append(f.kept, v)
		whole += int64(len(line))
	}
}

// All are the values that are kept, the oldest first.
func (f *File[T]) All() []T { return f.kept }

// Add writes a value down.
func (f *File[T]) Add(v T) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keep the %s: %w", f.what, err)
	}
	if _, err := f.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("keep the %s: %w", f.what, err)
	}
	f.kept = append(f.kept, v)
	return nil
}

// Close closes the file.
func (f *File[T]) Close() error { return f.file.Close() }
