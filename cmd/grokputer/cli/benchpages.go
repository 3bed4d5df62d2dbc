package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
)

// pagesSettings say which pages are shown, and how.
type pagesSettings struct {
	Tasks []string `env:"-" help:"Names of MiniWoB++ tasks; the twenty for development when not given." placeholder:"NAME,..."`
	Scale int      `env:"-" help:"How many pixels of the screen one of the page takes at each side." default:"2" placeholder:"N"`
	Pages string   `env:"GROKPUTER_MINIWOB_PAGES" help:"Folder html of the Python package miniwob; looked for in the data folder and in .cache of the repository when not given." type:"path" placeholder:"FOLDER"`
}

// open returns the pages, the tasks and the seeds.
func (s pagesSettings) open(c *call, seeds string) (miniwob.Pages, []string, []int64, error) {
	folder := s.Pages
	if folder == "" {
		folder = findPages(c.data())
	}
	pages, err := miniwob.OpenPages(folder)
	if err != nil {
		return miniwob.Pages{}, nil, nil, err
	}
	tasks := s.Tasks
	if len(tasks) == 0 {
		tasks = miniwob.Development()
	}
	if err := pages.Check(tasks); err != nil {
		return miniwob.Pages{}, nil, nil, err
	}
	numbers, err := miniwob.ParseSeeds(seeds)
	return pages, tasks, numbers, err
}

// newStage opens a browser for pages on the screen of a house.
func newStage(ctx context.Context, s *service, pages miniwob.Pages, scale int) (*miniwob.Stage, error) {
	state := s.State()
	return miniwob.NewStage(ctx, pages, scale, state.Display, []string{"DISPLAY=" + state.Display, "XAUTHORITY=" + state.XAuthority})
}

// findPages looks in the data folder and in the caches of the repositories that
// the program was built or is run in.
func findPages(data string) string {
	var places []string
	if program, err := os.Executable(); err == nil {
		places = append(places, caches(filepath.Dir(program))...)
	}
	if folder, err := os.Getwd(); err == nil {
		places = append(places, caches(folder)...)
	}
	return miniwob.FindPages(append(places, data)...)
}

// caches are the folders .cache of the repositories that a folder lies in.
func caches(folder string) []string {
	var found []string
	for _, repository := range repositories(folder) {
		found = append(found, filepath.Join(repository, ".cache"))
	}
	return found
}
