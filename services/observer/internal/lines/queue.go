// Package lines hands lines of text from who wants them read to those who read:
// the queue that every reader with workers has.
package lines

import (
	"context"
	"fmt"
	"image"
	"sync"

	"github.com/grokputer/grokputer/services/observer"
)

// Queue gives each line to one of several workers. It is safe for concurrent use.
type Queue struct {
	jobs   chan Job
	done   chan struct{}
	closed sync.Once
	err    error
}

// Job is a line that somebody waits for.
type Job struct {
	// Context ends when nobody waits for the line any more.
	Context context.Context //nolint:containedctx // the job of one call, which it outlives by one line at most
	Line    *image.Gray

	answer chan<- answer
}

type answer struct {
	words []observer.Word
	err   error
}

// NewQueue returns an open queue; closed is the error of a Read after Close.
func NewQueue(closed error) *Queue {
	return &Queue{jobs: make(chan Job), done: make(chan struct{}), err: closed}
}

// Read gives a line to the next worker that is free and waits for its answer.
func (q *Queue) Read(ctx context.Context, line *image.Gray) ([]observer.Word, error) {
	// Buffered: a worker never waits for a caller that has gone.
	back := make(chan answer, 1)
	select {
	case q.jobs <- Job{ctx, line, back}:
	case <-q.done:
		return nil, q.err
	case <-ctx.Done():
		return nil, fmt.Errorf("read a line: %w", ctx.Err())
	}
	select {
	case a := <-back:
		return a.words, a.err
	case <-ctx.Done():
		return nil, fmt.Errorf("read a line: %w", ctx.Err())
	}
}

// Answer gives the caller what was read; it is for one call.
func (j Job) Answer(words []observer.Word, err error) { j.answer <- answer{words, err} }

// Jobs is where workers take lines from, until Done.
func (q *Queue) Jobs() <-chan Job { return q.jobs }

// Done is closed when the queue is.
func (q *Queue) Done() <-chan struct{} { return q.done }

// Close lets no more lines in.
func (q *Queue) Close() { q.closed.Do(func() { close(q.done) }) }
