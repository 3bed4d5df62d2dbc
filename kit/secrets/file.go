package secrets

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
)

// File is a file with a line name=value for each secret. Lines that begin with #
// say nothing. Nobody but its owner may read it: its mode is 0600. It is read
// each time, so that a change counts at once.
type File string

var _ Store = File("")

// Get implements Store.
func (f File) Get(_ context.Context, name string) (string, error) {
	all, err := f.read()
	if err != nil {
		return "", err
	}
	value, ok := all[name]
	if !ok {
		return "", fmt.Errorf("%w: %q is not in %s", ErrUnknown, name, string(f))
	}
	return value, check(name, value)
}

// Names implements Store.
func (f File) Names(context.Context) ([]string, error) {
	all, err := f.read()
	return slices.Sorted(maps.Keys(all)), err
}

// read reads the file whole, after a look at who else may.
func (f File) read() (map[string]string, error) {
	file, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: the file %s is not there", ErrUnknown, string(f))
	}
	if err != nil {
		return nil, fmt.Errorf("read the secrets: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the secrets: %w", err)
	}
	if mode := info.Mode(); !mode.IsRegular() {
		return nil, fmt.Errorf("read the secrets: %s is no file", string(f))
	} else if mode.Perm()&0o077 != 0 && runtime.GOOS != "windows" { // which has no such modes
		return nil, fmt.Errorf("%w: %s has mode %04o: take the others' away with chmod 600 %s", ErrExposed, string(f), mode.Perm(), string(f))
	}
	body, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the secrets: %w", err)
	}
	return parse(body)
}

// parse reads the lines. An error has no text of them, but the line's number.
func parse(body []byte) (map[string]string, error) {
	all := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(body))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || check(name, value) != nil {
			return nil, fmt.Errorf("read the secrets: line %d is not name=value", n)
		}
		all[name] = value
	}
	return all, lines.Err()
}
