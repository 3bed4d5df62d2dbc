package trainer_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/internal/private"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// On the starter's made-up tasks and screens, in which nothing is private, and in the
// project's own documents, hardly anything is found.
func TestFalsePositives(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, e := range starter.Draw(3, 2000, 1, nil).Train {
		if got := private.Passwords(e.State.Task); len(got) > 0 && !strings.Contains(strings.ToLower(e.State.Task), "password") {
			t.Errorf("%q: %q is taken for a password", e.State.Task, got)
		}
		texts = append(texts, prompt.Render(e.State)+"\n"+e.Right.String())
	}
	made := len(texts)
	texts = append(texts, documents(t)...)
	words, documented, inDocuments, madeUp := 0, 0, 0, 0
	for i, text := range texts {
		n := len(strings.Fields(text))
		words += n
		if i >= made {
			documented += n
		}
		for _, f := range private.Find(text) {
			if i < made {
				madeUp++
				t.Logf("made up, and taken for private: %s %q", f.Kind, text[f.From:f.To])
			} else {
				inDocuments++
				t.Logf("in a document: %s %q", f.Kind, text[f.From:f.To])
			}
		}
	}
	t.Logf("%d words, %d of them in documents: %d values of the made-up ones and %d of the documents were taken for private", words, documented, madeUp, inDocuments)
	if words < 50_000 || documented < 5_000 {
		t.Errorf("only %d words, and %d in documents, were looked at", words, documented)
	}
	if madeUp > 0 || inDocuments > 3 {
		t.Errorf("%d and %d is too many", madeUp, inDocuments)
	}
}

// documents are the Markdown files of the repository.
func documents(t *testing.T) (texts []string) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		body, err := os.ReadFile(path)
		texts = append(texts, string(body))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
