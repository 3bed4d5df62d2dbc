// Package worker reads in processes of their own.
//
// The libraries that read leak memory and can end their process. So a pool has
// workers, which are this program started again: they get lines on their
// standard input and answer on their standard output. A worker is replaced
// after so many lines, or when it holds too much memory; when it ends in the
// middle of a line, the line is read once more by a new one. Workers end with
// the process that started them, also when that is killed.
package worker

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/internal/lines"
)

// ErrClosed tells that the pool was closed.
var ErrClosed = errors.New("the reading processes are closed")

// The defaults of Options.
const (
	mostWorkers     = 4
	defaultLines    = 20_000
	defaultMemory   = 512 << 20
	defaultPatience = 10 * time.Second
)

// tries is how often a line is given to a worker that ends over it.
const tries = 2

// Options of a Pool.
type Options struct {
	// Command makes the command that starts a worker. The pool sets its
	// standard streams; the process has to call Serve.
	Command func() *exec.Cmd
	// Config is what the worker's Open gets.
	Config []byte
	// Workers is how many lines are read at once; 0 takes one for each
	// processor, at most 4. All but the first are started when they are needed.
	Workers int
	// Lines is after how many of them a worker is replaced; 20,000 when 0.
	Lines int
	// Memory is above how many bytes a worker is replaced; 512 MiB when 0.
	Memory int64
	// Patience is how long a worker may take for a line until it is ended; 10 s
	// when 0.
	Patience time.Duration
	// Log is silent when nil.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = min(mostWorkers, runtime.NumCPU())
	}
	if o.Lines <= 0 {
		o.Lines = defaultLines
	}
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Pool is an observer.Reader. It is safe for concurrent use.
type Pool struct {
	options Options
	queue   *lines.Queue
	wg      sync.WaitGroup
}

// Start starts a pool and its first worker. The error is what the worker's Open
// says, or that it did not start.
func Start(o Options) (*Pool, error) {
	p := &Pool{options: o.withDefaults(), queue: lines.NewQueue(ErrClosed)}
	first := make(chan error)
	p.wg.Go(func() { p.work(first) })
	if err := <-first; err != nil {
		p.Close()
		return nil, err
	}
	for range p.options.Workers - 1 {
		p.wg.Go(func() { p.work(nil) })
	}
	return p, nil
}

// Close ends the workers. What they are reading is not read.
func (p *Pool) Close() {
	p.queue.Close()
	p.wg.Wait()
}

// Read implements observer.Reader.
func (p *Pool) Read(ctx context.Context, line *image.Gray) ([]observer.Word, error) {
	return p.queue.Read(ctx, line)
}

// work has one worker at a time read what comes. The first worker is started at
// once when first waits for what comes of it.
func (p *Pool) work(first chan<- error) {
	runtime.LockOSThread() // as launch asks for
	defer runtime.UnlockOSThread()
	var w *process
	if first != nil {
		var err error
		w, err = launch(p.options, p.queue.Done())
		first <- err
		if err != nil {
			return
		}
	}
	for {
		select {
		case <-p.queue.Done():
			if w != nil {
				w.stop()
			}
			return
		case j := <-p.queue.Jobs():
			if j.Context.Err() == nil { // else nobody waits for it any more
				w = p.serve(w, j)
			}
		}
	}
}

// serve answers a job with a worker, and returns the one to go on with; nil when
// there is none.
func (p *Pool) serve(w *process, j lines.Job) *process {
	var err error
	for range tries {
		if w != nil && w.ended() {
			p.options.Log.Warn("a reading process has ended by itself; starting another", "reason", w.said.last())
			w = nil
		}
		if w == nil {
			if w, err = launch(p.options, p.queue.Done()); err != nil {
				break
			}
		}
		var words []observer.Word
		words, err = w.read(j.Line, p.options.Patience, p.queue.Done())
		if !errors.Is(err, errEnded) && !errors.Is(err, ErrClosed) {
			j.Answer(words, err)
			return p.renew(w)
		}
		w.kill()
		w = nil
		if errors.Is(err, ErrClosed) {
			break
		}
		p.options.Log.Warn("a reading process has ended over a line", "err", err)
	}
	j.Answer(nil, fmt.Errorf("read a line: %w", err))
	return nil
}

// renew replaces a worker that has done its part.
func (p *Pool) renew(w *process) *process {
	if w.lines < p.options.Lines && w.memory <= p.options.Memory {
		return w
	}
	p.options.Log.Debug("replacing a reading process", "lines", w.lines, "bytes", w.memory)
	w.stop()
	w, err := launch(p.options, p.queue.Done())
	if err != nil {
		return nil // the next line tries again, and says so
	}
	return w
}
