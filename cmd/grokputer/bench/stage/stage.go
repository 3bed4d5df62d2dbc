// Package stage shows pages to an agent as a person would see them: in an ordinary
// browser that fills a screen. No debugging port is opened: a script in the page posts
// to a server of ours on the loopback interface.
package stage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

const (
	// openTimeout is how long a page may take to show itself, a browser's start
	// included.
	openTimeout = 30 * time.Second
	// openTries is how often a page is opened, each time by a new browser.
	openTries = 2
)

// Stage is a server and a browser on one screen.
type Stage struct {
	server  *Server
	scale   int
	env     []string
	display string
	browser *Browser // nil before the first page, and after one that was not answered
}

// New makes a stage on the screen that env names, an X display. What the pages refer
// to is in files, which may be nil.
func New(ctx context.Context, files fs.FS, scale int, display string, env []string) (*Stage, error) {
	if scale < 1 || scale > 4 {
		return nil, fmt.Errorf("scale: %d is not from 1 to 4", scale)
	}
	server, err := NewServer(ctx, files)
	if err != nil {
		return nil, err
	}
	return &Stage{server: server, scale: scale, env: env, display: display}, nil
}

// Scale is how many pixels of the screen one of a page takes at each side.
func (s *Stage) Scale() int { return s.scale }

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

// Show opens a page with the pointer away from it, and returns when ready does. Each
// try is made with a page of its own, which is served once.
func Show[P Page](ctx context.Context, s *Stage, page func() P, ready func(context.Context, P) error) (P, error) {
	var none P
	var failed error
	for range openTries {
		if err := parkPointer(s.display); err != nil {
			return none, err
		}
		p := page()
		err := s.try(ctx, p, func(ctx context.Context) error { return ready(ctx, p) })
		if err == nil {
			return p, nil
		}
		failed = err
		if err := s.Leave(); err != nil || ctx.Err() != nil {
			return none, errors.Join(failed, err)
		}
	}
	return none, failed
}

// try opens a page once.
func (s *Stage) try(ctx context.Context, p Page, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s.server.Visit(p)
	if s.browser == nil {
		browser, err := StartBrowser(ctx, s.server.Start(), s.scale, s.env)
		if err != nil {
			return err
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
	err := ready(ctx)
	stop(nil)
	<-watched
	return err
}

// Tell gives the page that is shown an order, and returns when done does.
func (s *Stage) Tell(ctx context.Context, p Page, order string, done func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s.server.Tell(p, order)
	return done(ctx)
}
