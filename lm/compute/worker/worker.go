// Package worker runs a backend's calls on one OS thread, one at a time.
package worker

import (
	"context"
	"runtime"
	"sync"

	"github.com/grokputer/grokputer/lm/compute"
)

// Session is what the thread works with. Its methods are called on the thread.
type Session interface {
	compute.Ops

	// Begin is called before each call, and End after it with its error; End returns the call's error, or else the
	// first that an operation met.
	Begin()
	End(err error) error
	// Close is called when the thread ends.
	Close()
}

// Worker is a thread with its session. Its methods may be called from several goroutines.
type Worker struct {
	turn   chan struct{} // holds a token while a call is under way
	start  chan func(compute.Ops) error
	result chan error
	ended  chan struct{}

	mu     sync.Mutex
	closed bool
}

// Start opens a session on a thread of its own, or returns the error of open.
func Start(open func() (Session, error)) (*Worker, error) {
	w := &Worker{
		turn:   make(chan struct{}, 1),
		start:  make(chan func(compute.Ops) error),
		result: make(chan error),
		ended:  make(chan struct{}),
	}

	go w.serve(open)

	if err := <-w.result; err != nil {
		<-w.ended

		return nil, err
	}

	return w, nil
}

// serve is the thread. It is not unlocked, so that it ends with its last call.
func (w *Worker) serve(open func() (Session, error)) {
	defer close(w.ended)

	runtime.LockOSThread()

	session, err := open()
	w.result <- err

	if err != nil {
		return
	}

	defer session.Close()

	for f := range w.start {
		session.Begin()
		w.result <- session.End(f(session))
	}
}

// Run calls f on the thread as soon as no other Run is under way. It returns ctx's error if that ends before, and
// compute.ErrClosed after Close.
func (w *Worker) Run(ctx context.Context, f func(compute.Ops) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}

	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}

	defer func() { <-w.turn }()

	if w.isClosed() {
		return compute.ErrClosed
	}

	w.start <- f

	return <-w.result
}

// isClosed reports whether Close was called.
func (w *Worker) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()

	return w.closed
}

// Close waits for a running Run, closes the session and ends the thread, unless it was called before.
func (w *Worker) Close() {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()

	w.mu.Lock()
	before := w.closed
	w.closed = true
	w.mu.Unlock()

	if before {
		return
	}

	close(w.start)
	<-w.ended
}
