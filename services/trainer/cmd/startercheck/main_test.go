package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/services/trainer/starter/web"
)

// It fails when a page says what one of our own tasks says, and names the task.
func TestRun(t *testing.T) {
	t.Parallel()
	own := ""
	for i := uint64(0); own == "" || strings.ContainsAny(own, `'"`); i++ { // it has to stand in a script
		own = web.Draw(5, i, 2).Task
	}
	for name, c := range map[string]struct {
		page string
		want string
	}{
		"like ours":   {"<script>x.html('" + own + "');</script>", own},
		"unlike ours": {"<script>x.html('Grasp the knob and turn it ' + n + ' times');</script>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file := filepath.Join(folder, "miniwob", "a.html")
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(c.page), 0o600); err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			err := run([]string{"--pages", folder, "--seed", "5", "--n", "400"}, &said)
			if (err != nil) != (c.want != "") || !strings.Contains(said.String(), c.want) {
				t.Errorf("%v; it says %q", err, said.String())
			}
		})
	}
}

func TestRunWantsPages(t *testing.T) {
	t.Parallel()
	if err := run([]string{"--pages", t.TempDir()}, &strings.Builder{}); err == nil {
		t.Error("no pages are enough")
	}
}
