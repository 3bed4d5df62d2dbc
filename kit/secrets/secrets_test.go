package secrets_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/secrets"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func file(t *testing.T, mode os.FileMode, lines ...string) secrets.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return secrets.File(path)
}

func TestFile(t *testing.T) {
	t.Parallel()
	f := file(t, 0o600, "# mine", "", "mail=a=b c ", " bank = 12äß")
	for name, want := range map[string]string{"mail": "a=b c ", "bank": " 12äß"} {
		if got, err := f.Get(t.Context(), name); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	if _, err := f.Get(t.Context(), "other"); !errors.Is(err, secrets.ErrUnknown) {
		t.Errorf("a secret that is not there: %v", err)
	}
	if names, err := f.Names(t.Context()); err != nil || !slices.Equal(names, []string{"bank", "mail"}) {
		t.Errorf("the names are %q, %v", names, err)
	}
	if _, err := secrets.File(filepath.Join(t.TempDir(), "none")).Get(t.Context(), "mail"); !errors.Is(err, secrets.ErrUnknown) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := secrets.File(t.TempDir()).Get(t.Context(), "mail"); err == nil {
		t.Error("a folder was read")
	}
}

func TestFileThatOthersCanReadIsRefused(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o660, 0o666, 0o777, 0o610} {
		f := file(t, mode, "mail=x")
		if _, err := f.Get(t.Context(), "mail"); !errors.Is(err, secrets.ErrExposed) || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if _, err := file(t, 0o400, "mail=x").Get(t.Context(), "mail"); err != nil {
		t.Errorf("mode 400: %v", err)
	}
}

// What is wrong with a file is said without what stands in it.
func TestFileErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"hunter2", "a b=hunter2", "=hunter2", "mail=hunter2\tx"} {
		_, err := file(t, 0o600, "ok=1", line).Get(t.Context(), "mail")
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestKeyring(t *testing.T) { //nolint:paralleltest // the library's keyring in memory is one for the process
	keyring.MockInit()
	if err := keyring.Set(secrets.KeyringService, "mail", "hunter2"); err != nil {
		t.Fatal(err)
	}
	s := secrets.Open(secrets.KeyringSetting)
	if got, err := s.Get(t.Context(), "mail"); err != nil || got != "hunter2" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.Get(t.Context(), "other"); !errors.Is(err, secrets.ErrUnknown) {
		t.Errorf("a secret that is not there: %v", err)
	}
	keyring.MockInitWithError(errors.New("locked"))
	if _, err := s.Get(t.Context(), "mail"); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("a keyring that is locked: %v", err)
	}
}

func TestReveal(t *testing.T) {
	t.Parallel()
	f := file(t, 0o600, "a=1", "b={{secret:a}}")
	if got := secrets.In("{{secret:b}} {{secret:a}} {{secret:b}} {{secret:}} {{secret:x y}}"); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("the names are %q", got)
	}
	// A secret's own text is not looked into.
	if got, err := secrets.Reveal(t.Context(), f, "x {{secret:b}}{{secret:a}}"); err != nil || got != "x {{secret:a}}1" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := secrets.Reveal(t.Context(), nil, "nothing to hide"); err != nil || got != "nothing to hide" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := secrets.Reveal(t.Context(), nil, "{{secret:a}}"); !errors.Is(err, secrets.ErrUnknown) {
		t.Errorf("without a store: %v", err)
	}
	if secrets.Open("") != nil {
		t.Error("no setting opens a store")
	}
}
