package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/schema"
)

// The files that are checked in are those that the types give now.
func TestSchemasAreNotStale(t *testing.T) {
	t.Parallel()
	module, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	want, err := generate(module)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(schema.Files(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	for _, name := range names {
		if got[name], err = fs.ReadFile(schema.Files(), name); err != nil {
			t.Fatal(err)
		}
	}
	for name, body := range want {
		if diff := cmp.Diff(string(body), string(got[name])); diff != "" {
			t.Errorf("%s is stale: run `make generate`\n%s", name, diff)
		}
	}
	for name := range got {
		if _, current := want[name]; !current {
			t.Errorf("%s is the schema of no event: run `make generate`", name)
		}
	}
}

func TestWriteReplacesAndRemoves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"no.such.event.json", "task.step.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "no.such.event.json")); !os.IsNotExist(err) {
		t.Errorf("the schema of no event is still there: %v", err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "task.step.json"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := fs.ReadFile(schema.Files(), "task.step.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}
