package actor

import (
	"context"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// queue holds the tasks that wait for the desktop, oldest first.
type queue struct {
	mu      sync.Mutex
	waiting []waiting
	changed chan struct{} // has room for one signal
}

// waiting is one accepted task.
type waiting struct {
	id    string
	trace trace.SpanContext // of its request
	stop  *stopped          // set when it was cancelled while it waited
}

func newQueue() *queue { return &queue{changed: make(chan struct{}, 1)} }

// push adds a task, once.
func (q *queue) push(w waiting) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if slices.ContainsFunc(q.waiting, func(x waiting) bool { return x.id == w.id }) {
		return
	}
	q.waiting = append(q.waiting, w)
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// next returns the first task; ok is false when ctx ended before there was one.
// The task stays in the queue until drop.
func (q *queue) next(ctx context.Context) (w waiting, ok bool) {
	for {
		q.mu.Lock()
		if len(q.waiting) > 0 && ctx.Err() == nil {
			w = q.waiting[0]
			q.mu.Unlock()
			return w, true
		}
		q.mu.Unlock()
		select {
		case <-ctx.Done():
			return waiting{}, false
		case <-q.changed:
		}
	}
}

// drop takes a task out when it has ended.
func (q *queue) drop(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = slices.DeleteFunc(q.waiting, func(w waiting) bool { return w.id == id })
	q.signal()
}

// stop marks a task as cancelled, every task when id is empty. It reports
// whether there was one.
func (q *queue) stop(id string, why *stopped) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	found := false
	for i := range q.waiting {
		if id == "" || q.waiting[i].id == id {
			q.waiting[i].stop = why
			found = true
		}
	}
	return found
}

// stopOf returns why a task was cancelled, nil when it was not.
func (q *queue) stopOf(id string) *stopped {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, w := range q.waiting {
		if w.id == id {
			return w.stop
		}
	}
	return nil
}

// len is how many tasks wait or run.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}
