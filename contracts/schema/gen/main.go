// Command gen writes the JSON Schemas of the events into the folder above, or
// wherever its argument says. `go generate ./schema` runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := "."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := write(dir); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// write writes every schema into dir and removes those of kinds that are no more.
func write(dir string) error {
	module, err := moduleRoot()
	if err != nil {
		return err
	}
	schemas, err := generate(module)
	if err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, current := schemas[filepath.Base(path)]; !current {
			if err := os.Remove(path); err != nil { //nolint:gosec // a path that the glob found in dir
				return err
			}
		}
	}
	for name, body := range schemas {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil { //nolint:gosec // a source file
			return err
		}
	}
	return nil
}

// moduleRoot is the folder of the contracts' go.mod: descriptions come from
// the comments in its sources.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod in this folder or above it")
		}
		dir = parent
	}
}
