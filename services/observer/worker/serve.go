package worker

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/grokputer/grokputer/services/observer"
)

// Open opens the reader of a worker, as the pool's configuration says. What it
// opened is closed by the process's end.
type Open func(config []byte) (observer.Reader, error)

// Serve is a worker: it reads the lines that come from in and answers on out,
// until in ends. A line under way is given up then, for nobody waits for it.
// That the reader cannot be opened is told to the pool and no error here.
func Serve(in io.Reader, out io.Writer, open Open) error {
	k, config, err := readFrame(in)
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	if k != kindConfig {
		return fmt.Errorf("%w: %q before the configuration", errFrame, k)
	}
	r, err := open(config)
	if err != nil {
		return writeFrame(out, kindFailed, []byte(err.Error()))
	}
	if err := writeFrame(out, kindReady, nil); err != nil {
		return err
	}
	return answerAll(in, out, r)
}

// answerAll answers line by line. Frames are read ahead, so that the end of in is
// noticed while a line is read.
func answerAll(in io.Reader, out io.Writer, r observer.Reader) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		for {
			k, body, err := readFrame(in)
			if err == nil && k != kindLine {
				err = fmt.Errorf("%w: %q instead of a line", errFrame, k)
			}
			if err != nil {
				cancel(err)
				return
			}
			lines <- body
		}
	}()
	answered := make(chan error)
	go func() {
		defer close(answered)
		for body := range lines {
			if err := answerLine(ctx, out, r, body); err != nil {
				answered <- err
				return
			}
		}
	}()
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		if err := context.Cause(ctx); !errors.Is(err, io.EOF) {
			return err
		}
		return nil
	}
}

// answerLine reads one line and answers.
func answerLine(ctx context.Context, out io.Writer, r observer.Reader, body []byte) error {
	line, err := unpackLine(body)
	if err != nil {
		return err
	}
	words, err := r.Read(ctx, line)
	if err != nil {
		return writeFrame(out, kindError, []byte(err.Error()))
	}
	b, err := packReply(words, resident())
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return writeFrame(out, kindWords, b)
}
