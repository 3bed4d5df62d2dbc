package observertest

import (
	"os"
	"path/filepath"
	"testing"
)

// Models is the folder with the files that the reader ppocr needs, in the
// repository's cache, named by the one that the test has to have. A short test
// run is skipped; in any other a missing file fails the test.
func Models(tb testing.TB, files ...string) string {
	tb.Helper()
	if testing.Short() {
		tb.Skip("needs the models of the reader")
	}
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			tb.Fatal("no go.work above the test: is this the repository?")
		}
	}
	models := filepath.Join(dir, ".cache", "models")
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(models, name)); err != nil {
			tb.Fatalf("run make model: %v", err)
		}
	}
	return models
}
