package ppocr_test

import (
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/ppocr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func models(t *testing.T) string {
	t.Helper()
	return observertest.Models(t, ppocr.RuntimeFile, ppocr.RecognitionFile)
}

func start(t *testing.T) *ppocr.Reader {
	t.Helper()
	r, err := ppocr.New(ppocr.Options{Folder: models(t), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestReader(t *testing.T) {
	t.Parallel()
	observertest.Reader(t, start(t))
}

func TestMissing(t *testing.T) {
	t.Parallel()
	// What is no library cannot be told from one in a process that has loaded the
	// right one: package readers tests that.
	noModel := t.TempDir()
	if err := os.Symlink(filepath.Join(models(t), ppocr.RuntimeFile), filepath.Join(noModel, ppocr.RuntimeFile)); err != nil {
		t.Fatal(err)
	}
	badModel := t.TempDir()
	if err := errors.Join(
		os.Symlink(filepath.Join(models(t), ppocr.RuntimeFile), filepath.Join(badModel, ppocr.RuntimeFile)),
		os.WriteFile(filepath.Join(badModel, ppocr.RecognitionFile), []byte("no model"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	for folder, file := range map[string]string{t.TempDir(): ppocr.RuntimeFile, noModel: ppocr.RecognitionFile, badModel: ppocr.RecognitionFile} {
		_, err := ppocr.New(ppocr.Options{Folder: folder})
		if !errors.Is(err, ppocr.ErrMissing) || !strings.Contains(err.Error(), "grokputer models pull") || !strings.Contains(err.Error(), file) {
			t.Errorf("got %v, want an ErrMissing that names %s and says what to do", err, file)
		}
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.Close()
	_, err := r.Read(t.Context(), image.NewGray(image.Rect(0, 0, 20, 20)))
	if !errors.Is(err, ppocr.ErrClosed) {
		t.Fatalf("got %v, want %v", err, ppocr.ErrClosed)
	}
}
