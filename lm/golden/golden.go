// Package golden finds the base model for tests, and holds the Python scripts that made the values with
// which the engine's packages are compared.
package golden

import (
	"os"
	"path/filepath"
	"testing"
)

// ModelPath returns the path of the base model in the repository's cache. A short test run is skipped;
// in any other a missing model fails the test.
func ModelPath(tb testing.TB) string {
	tb.Helper()

	if testing.Short() {
		tb.Skip("needs the base model")
	}

	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}

	for {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			break
		}

		if filepath.Dir(dir) == dir {
			tb.Fatal("no go.work above the test's directory")
		}

		dir = filepath.Dir(dir)
	}

	path := filepath.Join(dir, ".cache", "models", "SmolLM2-135M-Instruct.Q4_1.gguf")
	if _, err := os.Stat(path); err != nil {
		tb.Fatalf("the base model is missing, run make model: %v", err)
	}

	return path
}
