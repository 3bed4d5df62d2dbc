package tesseract_test

import (
	"errors"
	"image"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/tesseract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *tesseract.Reader {
	t.Helper()
	r, err := tesseract.New(tesseract.Options{Workers: 2})
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

func TestMissingLanguage(t *testing.T) {
	t.Parallel()
	_, err := tesseract.New(tesseract.Options{Language: "tlh"})
	if !errors.Is(err, tesseract.ErrMissing) {
		t.Fatalf("got %v, want %v", err, tesseract.ErrMissing)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.Close()
	_, err := r.Read(t.Context(), image.NewGray(image.Rect(0, 0, 20, 20)))
	if !errors.Is(err, tesseract.ErrClosed) {
		t.Fatalf("got %v, want %v", err, tesseract.ErrClosed)
	}
}
