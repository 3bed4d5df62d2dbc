package miniwob

import (
	"context"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/stage"
)

// Stage shows the pages in a browser.
type Stage struct {
	*stage.Stage

	pages Pages
}

// NewStage makes a stage on the screen that env names, an X display.
func NewStage(ctx context.Context, pages Pages, scale int, display string, env []string) (*Stage, error) {
	s, err := stage.New(ctx, pages.Files(), scale, display, env)
	if err != nil {
		return nil, err
	}
	return &Stage{Stage: s, pages: pages}, nil
}

// Show opens a task's page with the pointer away from it, and returns when its
// episode has begun and is shown.
func (s *Stage) Show(ctx context.Context, task string, seed int64, wanted bool) (*Visit, Ready, error) {
	var ready Ready
	visit, err := stage.Show(ctx, s.Stage, func() *Visit { return s.pages.Visit(task, seed, wanted) },
		func(ctx context.Context, v *Visit) (err error) {
			ready, err = v.Ready(ctx)
			return err
		})
	return visit, ready, err
}

// Change has the page change a small part of what it shows, and waits for it.
func (s *Stage) Change(ctx context.Context, v *Visit) error {
	return s.Tell(ctx, v, "change", v.Changed)
}
