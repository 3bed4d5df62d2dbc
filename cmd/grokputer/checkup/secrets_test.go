package checkup_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/checkup"
	"github.com/grokputer/grokputer/kit/secrets"
)

func TestSecrets(t *testing.T) {
	t.Parallel()
	write := func(body string, mode os.FileMode) secrets.Store {
		path := file(t, t.TempDir(), "secrets")
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return secrets.File(path)
	}
	for name, tt := range map[string]struct {
		store        secrets.Store
		state        checkup.State
		detail, mend string
	}{
		"none":       {nil, checkup.StateOK, "no store is set", ""},
		"a keyring":  {secrets.Keyring{}, checkup.StateOK, "keyring", ""},
		"a file":     {write("mail=hunter2\nbank=hunter3\n", 0o600), checkup.StateOK, "2 in /", ""},
		"exposed":    {write("mail=hunter2\n", 0o640), checkup.StateMissing, "mode 0640", "chmod 600 /"},
		"not there":  {secrets.File(filepath.Join(t.TempDir(), "none")), checkup.StateMissing, "is not there", "install -m 600"},
		"misspelt":   {write("hunter2\n", 0o600), checkup.StateMissing, "line 1", "name=value"},
		"not a file": {secrets.File(t.TempDir()), checkup.StateMissing, "no file", "name=value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := checkup.Secrets(tt.store)(t.Context())
			if got.State != tt.state || got.Essential || !strings.Contains(got.Detail, tt.detail) || !strings.Contains(got.Mend, tt.mend) {
				t.Errorf("found %+v", got)
			}
			if strings.Contains(got.Detail+got.Mend, "hunter") {
				t.Errorf("the finding tells a secret: %+v", got)
			}
		})
	}
}
