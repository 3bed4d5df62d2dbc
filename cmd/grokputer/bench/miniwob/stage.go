package miniwob

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// openTimeout is how long a page may take to show its episode, a browser's
	// start included.
	openTimeout = 30 * time.Second
	// openTries is how often a page is opened, each time by a new browser.
	openTries = 2
)

// Stage shows the pages: a server and a browser on one screen.
type Stage struct {
	server  *Server
	scale   int
	env     []string
	display string
	browser *Browser // nil before the first page, and after one that was not answered
}

// NewStage makes a stage on the screen that env names, an X display.
func NewStage(ctx context.Context, pages Pages, scale int, display string, env []string) (*Stage, error) {
	if scale < 1 || scale > 4 {
		return nil, fmt.Errorf("scale: %d is not from 1 to 4", scale)
	}
	server, err := NewServer(ctx, pages)
	if err != nil {
		return nil, err
	}
	return &Stage{server: server, scale: scale, env: env, display: display}, nil
}

// Close ends the browser and the server, although ctx may have ended.
func (s *Stage) Close(ctx context.Context) error { return errors.Join(s.Leave(), s.server.Close(ctx)) }

// Leave ends the browser; the next page is opened by a new one.
func (s *Stage) Leave() error {
	if s.browser == nil {
		return nil
	}
	err := s.browser.Close()
	s.browser = nil
	return err
}

// Show opens a task's page with the pointer away from it, and returns when its
// episode has begun and is shown.
func (s *Stage) Show(ctx context.Context, task string, seed int64, wanted bool) (*Visit, Ready, error) {
	var failed error
	for range openTries {
		if err := parkPointer(s.display); err != nil {
			return nil, Ready{}, err
		}
		visit, ready, err := s.try(ctx, task, seed, wanted)
		if err == nil {
			return visit, ready, nil
		}
		failed = err
		if err := s.Leave(); err != nil || ctx.Err() != nil {
			return nil, Ready{}, errors.Join(failed, err)
		}
	}
	return nil, Ready{}, failed
}

// try opens a page once.
func (s *Stage) try(ctx context.Context, task string, seed int64, wanted bool) (*Visit, Ready, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	visit := s.server.Visit(task, seed, wanted)
	if s.browser == nil {
		browser, err := StartBrowser(ctx, s.server.Start(), s.scale, s.env)
		if err != nil {
			return nil, Ready{}, err
		}
		s.browser = browser
	}
	browser := s.browser
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-browser.Exited():
			stop(fmt.Errorf("the browser has ended: %s", browser.Said()))
		case <-ctx.Done():
		}
	}()
	ready, err := visit.Ready(ctx)
	stop(nil)
	<-watched
	return visit, ready, err
}

// Change has the page change a small part of what it shows, and waits for it.
func (s *Stage) Change(ctx context.Context, v *Visit) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s.server.Change(v)
	return v.Changed(ctx)
}
