package readers_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/ppocr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a reader, and returns what it logged.
func open(t *testing.T, s readers.Settings) (readers.Serving, *strings.Builder) {
	t.Helper()
	var said strings.Builder
	r, err := readers.Open(s, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r, &said
}

func TestEachReaderInProcesses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{readers.PPOCR, readers.Tesseract} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := readers.Settings{Reader: name, Workers: 2}
			if name == readers.PPOCR {
				s.Models = observertest.Models(t, ppocr.RuntimeFile, ppocr.RecognitionFile)
			}
			r, said := open(t, s)
			if r.Name != name || r.Instead != nil || said.Len() > 0 {
				t.Errorf("%s serves instead of %s: %v\n%s", r.Name, name, r.Instead, said)
			}
			observertest.Reader(t, r)
		})
	}
}

// Without its files, or with others, the other reader serves, and the log says so.
func TestTheOtherServes(t *testing.T) {
	t.Parallel()
	broken := t.TempDir()
	for _, name := range []string{ppocr.RuntimeFile, ppocr.RecognitionFile} {
		if err := os.WriteFile(filepath.Join(broken, name), []byte("nothing"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, models := range map[string]string{"no files": t.TempDir(), "other files": broken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, said := open(t, readers.Settings{Reader: readers.PPOCR, Models: models, Workers: 1})
			if r.Name != readers.Tesseract || r.Instead == nil || !strings.Contains(said.String(), "grokputer models pull") {
				t.Errorf("%s serves, for %v; the log says\n%s", r.Name, r.Instead, said)
			}
		})
	}
}

func TestOnlyTheOneThatIsSet(t *testing.T) {
	t.Parallel()
	_, err := readers.Only(readers.Settings{Reader: readers.PPOCR, Models: t.TempDir()}, slog.New(slog.DiscardHandler))
	if !errors.Is(err, ppocr.ErrMissing) {
		t.Errorf("got %v, want %v", err, ppocr.ErrMissing)
	}
}

func TestModelsFolder(t *testing.T) {
	t.Parallel()
	if got := (readers.Settings{}).In("/data").Models; got != "/data/models" {
		t.Errorf("the models are in %s", got)
	}
	if got := (readers.Settings{Models: "/mine"}).In("/data").Models; got != "/mine" {
		t.Errorf("the models are in %s", got)
	}
}
