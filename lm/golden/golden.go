// Package golden finds the base model and other models' vocabularies for tests, and holds the Python
// scripts that made the values with which the engine's packages are compared.
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

	return cached(tb, "the base model", "make model", "models", "SmolLM2-135M-Instruct.Q4_1.gguf")
}

// VocabularyPath returns the folder of a vocabulary in the repository's cache, such as "llama2", with its
// tokenizer.json and tokenizer_config.json. A short test run is skipped; in any other a missing one fails
// the test.
func VocabularyPath(tb testing.TB, name string) string {
	tb.Helper()

	return cached(tb, "the vocabulary "+name, "make vocabularies", "vocabularies", name)
}

// cached returns a path in the repository's cache; target is what puts it there.
func cached(tb testing.TB, what, target string, path ...string) string {
	tb.Helper()

	if testing.Short() {
		tb.Skip("needs " + what)
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

	full := filepath.Join(append([]string{dir, ".cache"}, path...)...)
	if _, err := os.Stat(full); err != nil {
		tb.Fatalf("%s is missing, run %s: %v", what, target, err)
	}

	return full
}
