// Package golden finds the base model and other models' vocabularies for tests, and holds the Python
// scripts that made the values with which the engine's packages are compared.
package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// ModelPath returns the path of the base model in the repository's cache. A short test run is skipped;
// in any other a missing model fails the test.
func ModelPath(tb testing.TB) string {
	tb.Helper()

	return cached(tb, "the base model", "make model", "models", "SmolLM2-135M-Instruct.Q4_1.gguf")
}

// VocabularyPath returns the folder of a vocabulary in the repository's cache, such as "llama2", with its
// tokenizer.json and tokenizer_config.json. A short test run is skipped; in any other a missing one fails
// the test.
func VocabularyPath(tb testing.TB, name string) string {
	tb.Helper()

	return cached(tb, "the vocabulary "+name, "make vocabularies", "vocabularies", name)
}

// root is the repository that the test binary was started in; tests may work elsewhere.
var root, errRoot = findRoot()

// Root returns the repository's folder.
func Root() (string, error) { return root, errRoot }

func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("golden: %w", err)
	}

	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.work")); err == nil {
			return at, nil
		}

		if filepath.Dir(at) == at {
			return "", fmt.Errorf("golden: no go.work above %s", dir)
		}
	}
}

// cached returns a path in the repository's cache; target is what puts it there.
func cached(tb testing.TB, what, target string, path ...string) string {
	tb.Helper()

	if testing.Short() {
		tb.Skip("needs " + what)
	}

	if errRoot != nil {
		tb.Fatal(errRoot)
	}

	full := filepath.Join(append([]string{root, ".cache"}, path...)...)
	if _, err := os.Stat(full); err != nil {
		tb.Fatalf("%s is missing, run %s: %v", what, target, err)
	}

	return full
}
