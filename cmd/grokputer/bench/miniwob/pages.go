// Package miniwob proves the agent on pages that nobody here wrote: it serves
// the tasks of MiniWoB++ to a real browser, tells the agent the goal alone, and
// judges by what the page itself says: its reward, or, for the eyes alone, its
// document, which a script in the page posts.
package miniwob

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNoPages means that the pages are not where they were looked for. The message
// says how to fetch them.
var ErrNoPages = errors.New("the pages of MiniWoB++ are missing")

// headEnd is where the script goes in: after the page's own scripts.
const headEnd = "</head>"

// Pages is the folder with the pages, as the Python package miniwob 1.1.0 has
// it: html, with core, common and miniwob below.
type Pages struct {
	root  fs.FS
	names []string // of the tasks, sorted
}

// OpenPages opens the folder of the pages. Its error is an ErrNoPages.
func OpenPages(folder string) (Pages, error) {
	root := os.DirFS(folder)
	files, err := fs.Glob(root, "miniwob/*.html")
	if err != nil || len(files) == 0 {
		return Pages{}, fmt.Errorf("%w: no file miniwob/*.html in %s: `make miniwob` in the repository fetches them, or name their folder with --pages",
			ErrNoPages, folder)
	}
	if _, err := fs.Stat(root, "core/core.js"); err != nil {
		return Pages{}, fmt.Errorf("%w: %s has no core/core.js: name the folder html of the package with --pages", ErrNoPages, folder)
	}
	p := Pages{root: root}
	for _, file := range files {
		p.names = append(p.names, strings.TrimSuffix(path.Base(file), ".html"))
	}
	slices.Sort(p.names)
	return p, nil
}

// Names are the tasks that there are pages for, sorted.
func (p Pages) Names() []string { return slices.Clone(p.names) }

// Files is what the pages refer to, and the pages themselves.
func (p Pages) Files() fs.FS { return p.root }

// FindPages is the first folder below these places that has the pages, and the
// last of them when none has.
func FindPages(places ...string) string {
	found := ""
	for _, place := range places {
		found = filepath.Join(place, "miniwob", "html")
		if _, err := os.Stat(filepath.Join(found, "core", "core.js")); err == nil {
			break
		}
	}
	return found
}

// Check returns an error that names near ones unless every name is a task.
func (p Pages) Check(tasks []string) error {
	for _, task := range tasks {
		if _, ok := slices.BinarySearch(p.names, task); !ok {
			return fmt.Errorf("tasks: MiniWoB++ has no task %q; near are %s", task, strings.Join(near(task, p.names), ", "))
		}
	}
	return nil
}

// page is a task's page with a script at the end of its head.
func (p Pages) page(task, script string) ([]byte, error) {
	html, err := fs.ReadFile(p.root, "miniwob/"+task+".html")
	if err != nil {
		return nil, fmt.Errorf("read the page of %s: %w", task, err)
	}
	at := bytes.Index(html, []byte(headEnd))
	if at < 0 {
		return nil, fmt.Errorf("the page of %s has no %s", task, headEnd)
	}
	return slices.Concat(html[:at], []byte("<script>"+script+"</script>\n"), html[at:]), nil
}
