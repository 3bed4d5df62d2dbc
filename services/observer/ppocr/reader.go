// Package ppocr reads text with the recognition model of PP-OCR, a small neural
// network, through ONNX Runtime.
//
// Neither is part of this program: the runtime's shared library and the model
// are files of a folder, which `grokputer models pull` fills.
package ppocr

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/internal/lines"
)

// ErrMissing tells that the runtime or the model is not there, or not what it
// should be. The message says how to get it.
var ErrMissing = errors.New("PP-OCR is missing")

// ErrClosed tells that the reader was closed.
var ErrClosed = errors.New("PP-OCR is closed")

// The files of the folder.
const (
	// RuntimeFile is ONNX Runtime's shared library.
	RuntimeFile = "libonnxruntime.so.1.32.0"
	// RecognitionFile is the model that reads a line.
	RecognitionFile = "PP-OCRv6_rec_small.onnx"
)

// mostWorkers is the number of lines read at once unless it is set: each one
// keeps a processor busy.
const mostWorkers = 4

// Options of a Reader.
type Options struct {
	// Folder holds the runtime and the model.
	Folder string
	// Workers is how many lines are read at once; 0 takes one for each
	// processor, at most 4.
	Workers int
	// Threads is how many threads compute one line; 0 takes one, which reads
	// the most lines in a given time when there are several to read.
	Threads int
	// CJK has Chinese, Japanese and Korean characters read as well. Without them
	// a plus or a dash that stands alone is not taken for a Chinese numeral.
	CJK bool
}

// Reader is an observer.Reader. It is safe for concurrent use.
type Reader struct {
	network *network
	queue   *lines.Queue
	closed  sync.Once
	wg      sync.WaitGroup
}

// New loads the runtime, which stays loaded until the process ends, and the
// model. The error is an ErrMissing when one of them cannot be used.
func New(o Options) (*Reader, error) {
	if o.Workers <= 0 {
		o.Workers = min(mostWorkers, runtime.NumCPU())
	}
	if o.Threads <= 0 {
		o.Threads = 1
	}
	if err := Check(o.Folder); err != nil {
		return nil, err
	}
	n, err := load(o)
	if err != nil {
		return nil, missing(err)
	}
	r := &Reader{network: n, queue: lines.NewQueue(ErrClosed)}
	for range o.Workers {
		r.wg.Go(r.work)
	}
	return r, nil
}

// Check looks whether the files are there. The error is an ErrMissing.
func Check(folder string) error {
	for _, name := range []string{RuntimeFile, RecognitionFile} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return missing(err)
		}
	}
	return nil
}

func missing(err error) error {
	return fmt.Errorf("%w: run `grokputer models pull`: %w", ErrMissing, err)
}

// Close ends the workers after what they are reading, and frees the model.
func (r *Reader) Close() {
	r.closed.Do(func() {
		r.queue.Close()
		r.wg.Wait()
		r.network.close()
	})
}

// Read implements observer.Reader.
func (r *Reader) Read(ctx context.Context, line *image.Gray) ([]observer.Word, error) {
	return r.queue.Read(ctx, line)
}

// work reads what comes, with memory of its own.
func (r *Reader) work() {
	var b buffers
	for {
		select {
		case <-r.queue.Done():
			return
		case j := <-r.queue.Jobs():
			if j.Context.Err() != nil {
				continue // nobody waits for it any more
			}
			j.Answer(r.network.read(j.Line, &b))
		}
	}
}
