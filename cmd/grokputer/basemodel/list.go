package basemodel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// State is what is known about a model's file.
type State string

// The states of a file.
const (
	StateOK      State = "ok"      // it is the model that it is named after
	StateDamaged State = "damaged" // its sha256 is another one
	StateMissing State = "missing" // it is not there
	StateOwn     State = "own"     // a model that this program has no hash for
)

// Entry is one model of a folder.
type Entry struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	State State  `json:"state"`
}

// List returns the known models, there or not, and then every other GGUF file
// of the folder by name. A folder that does not exist is an empty one.
func List(ctx context.Context, dir string, known ...Known) ([]Entry, error) {
	var entries []Entry
	for _, k := range known {
		e, err := Look(ctx, dir, k)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the models: %w", err)
	}
	for _, f := range files {
		name := f.Name()
		isKnown := slices.ContainsFunc(known, func(k Known) bool { return k.File == name })
		if isKnown || f.IsDir() || !strings.EqualFold(filepath.Ext(name), ".gguf") {
			continue
		}
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("list the models: %w", err)
		}
		entries = append(entries, Entry{Name: name, Path: path, Bytes: info.Size(), State: StateOwn})
	}
	return entries, nil
}

// Look says how the model k stands in a folder, reading all of it if it is there.
func Look(ctx context.Context, dir string, k Known) (Entry, error) {
	e := Entry{Name: k.File, Path: filepath.Join(dir, k.File), State: StateOK}
	info, err := os.Stat(e.Path)
	if errors.Is(err, fs.ErrNotExist) {
		e.State = StateMissing
		return e, nil
	}
	if err != nil {
		return e, fmt.Errorf("look at the model: %w", err)
	}
	e.Bytes = info.Size()
	if e.Bytes != k.Bytes {
		e.State = StateDamaged
		return e, nil
	}
	err = Verify(ctx, e.Path, k)
	if errors.Is(err, ErrHash) {
		e.State = StateDamaged
		return e, nil
	}
	return e, err
}
