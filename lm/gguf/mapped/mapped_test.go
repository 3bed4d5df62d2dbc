package mapped_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf/mapped"
)

func TestOpen(t *testing.T) {
	t.Parallel()

	for name, content := range map[string]string{"empty": "", "short": "a", "longer than a page": string(make([]byte, 10_000))} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}

		file, err := mapped.Open(path)
		if err != nil {
			t.Fatal(err)
		}

		if got := string(file.Bytes()); got != content {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(content))
		}

		for range 2 {
			if err := file.Close(); err != nil {
				t.Errorf("%s: close: %v", name, err)
			}
		}

		if file.Bytes() != nil {
			t.Errorf("%s: content after Close", name)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()

	if _, err := mapped.Open(t.TempDir()); !errors.Is(err, mapped.ErrNotRegular) {
		t.Errorf("a directory: %v", err)
	}

	if _, err := mapped.Open(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
