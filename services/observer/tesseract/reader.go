// Package tesseract reads text with Tesseract through gosseract.
//
// Each worker has a client of its own (a client has no lock) on an operating
// system thread of its own, where OpenMP is kept to one thread: for a line of
// text its threads cost three times what they save.
package tesseract

import (
	"context"
	"errors"
	"image"
	"runtime"
	"sync"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/internal/lines"
)

// ErrMissing tells that Tesseract or its language data cannot be used. The message says
// which package to install.
var ErrMissing = errors.New("tesseract is missing")

// ErrClosed tells that the reader was closed.
var ErrClosed = errors.New("tesseract is closed")

// Options of a Reader.
type Options struct {
	// Workers is how many pictures are read at once; 0 takes one for each
	// processor, at most 4.
	Workers int
	// Language is Tesseract's name of a language; "" takes eng.
	Language string
}

// Reader is an observer.Reader. It is safe for concurrent use.
type Reader struct {
	queue *lines.Queue
	wg    sync.WaitGroup
}

// New starts the workers. The error is an ErrMissing when Tesseract or the
// language's data is not installed.
func New(o Options) (*Reader, error) {
	if o.Workers <= 0 {
		o.Workers = min(4, runtime.NumCPU())
	}
	if o.Language == "" {
		o.Language = "eng"
	}
	r := &Reader{queue: lines.NewQueue(ErrClosed)}
	started := make(chan error)
	for range o.Workers {
		r.wg.Go(func() { r.work(o.Language, started) })
	}
	var failed error
	for range o.Workers {
		if err := <-started; err != nil {
			failed = err
		}
	}
	if failed != nil {
		r.Close()
		return nil, failed
	}
	return r, nil
}

// Close ends the workers after what they are reading.
func (r *Reader) Close() {
	r.queue.Close()
	r.wg.Wait()
}

// Read implements observer.Reader.
func (r *Reader) Read(ctx context.Context, line *image.Gray) ([]observer.Word, error) {
	return r.queue.Read(ctx, line)
}

// work reads what comes on a thread of its own.
func (r *Reader) work(language string, started chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread ends with its setting
	singleThreaded()
	c, err := newClient(language)
	started <- err
	if err != nil {
		return
	}
	defer c.close()
	for {
		select {
		case <-r.queue.Done():
			return
		case j := <-r.queue.Jobs():
			j.Answer(c.read(j.Line))
		}
	}
}
