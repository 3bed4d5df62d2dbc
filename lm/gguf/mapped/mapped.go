// Package mapped gives read-only access to a whole file as one byte slice.
//
// On Unix the file is mapped into memory, so that a model of many gigabytes opens at once and its
// pages are shared by every process that uses it; elsewhere it is read.
package mapped

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// ErrNotRegular is returned for a path that is a directory, a pipe or a device.
var ErrNotRegular = errors.New("not a regular file")

// File is an open file's content; the zero value is an empty file's. It must not be cut short by anyone while it is open: the system
// would end the process at the first access past the new end.
type File struct {
	data  []byte
	once  sync.Once
	close func() error
}

// Open maps the file at path. An empty file is not an error; its content has length 0.
func Open(path string) (*File, error) {
	// Looked at before it is opened: opening a pipe would wait for a writer.
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open: %w", err)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", path, ErrNotRegular)
	}

	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	defer func() { _ = file.Close() }() // a mapping outlives its descriptor

	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("size of %s: %w", path, err)
	}

	if info.Size() == 0 {
		return &File{close: func() error { return nil }}, nil
	}

	if int64(int(info.Size())) != info.Size() {
		return nil, fmt.Errorf("%s: %d bytes do not fit this machine's address space", path, info.Size())
	}

	data, release, err := load(file, int(info.Size()))
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}

	return &File{data: data, close: release}, nil
}

// Bytes returns the content. It is read-only (writing to it is a fault) and gone after Close.
func (f *File) Bytes() []byte { return f.data }

// Close gives the content back; a second call does nothing.
func (f *File) Close() error {
	var err error

	f.once.Do(func() {
		f.data = nil
		if f.close != nil { // nil in the zero value, which is an empty file
			err = f.close()
		}
	})

	return err
}
