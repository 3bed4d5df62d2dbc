package wholefile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/gguf/wholefile"
)

func TestWrite(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	broken := errors.New("broken")

	for i, step := range []struct {
		text string
		fail error
		want string
	}{{"first", nil, "first"}, {"half", broken, "first"}, {"second", nil, "second"}} {
		err := wholefile.Write(path, func(w io.Writer) error {
			_, err := io.WriteString(w, step.text)

			return errors.Join(err, step.fail)
		})
		if !errors.Is(err, step.fail) {
			t.Errorf("step %d: %v", i, err)
		}

		if got, err := os.ReadFile(path); err != nil || string(got) != step.want {
			t.Errorf("step %d: holds %q, %v", i, got, err)
		}
	}

	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}

	if err := wholefile.Write(filepath.Join(dir, "no", "folder"), func(io.Writer) error { return nil }); err == nil {
		t.Error("wrote into a folder that is not there")
	}

	if err := wholefile.Sync(filepath.Join(dir, "nothing")); err == nil {
		t.Error("synced nothing")
	}
}
