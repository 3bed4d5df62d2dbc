package worker

import (
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"time"

	"github.com/grokputer/grokputer/services/observer"
)

const (
	// startTimeout bounds the start of a worker, which loads its reader.
	startTimeout = 30 * time.Second
	// stopTimeout is what a worker gets to end by itself.
	stopTimeout = 2 * time.Second
)

// errEnded tells that a worker ended, or that nothing can be done with it any more.
var errEnded = errors.New("the reading process ended")

// process is a running worker. It is for one goroutine.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	frames chan frame    // closed when no more come
	exited chan struct{} // closed after the end
	said   *tail
	lines  int   // that it has read
	memory int64 // that it held after the last one, in bytes
}

type frame struct {
	kind kind
	body []byte
}

// launch starts a worker and returns when its reader is open. The caller's
// thread has to last until the worker has ended: the system takes its end for ours.
func launch(o Options, done <-chan struct{}) (*process, error) {
	p := &process{cmd: o.Command(), frames: make(chan frame), exited: make(chan struct{}), said: &tail{}}
	endWithUs(p.cmd)
	p.cmd.Stderr = p.said
	p.cmd.WaitDelay = stopTimeout
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start a reading process: %w", err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a reading process: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a reading process: %w", err)
	}
	p.stdin = stdin
	go p.follow(stdout)
	f, err := p.ask(kindConfig, o.Config, startTimeout, done)
	switch {
	case err == nil && f.kind == kindFailed:
		err = errors.New(string(f.body))
	case err == nil && f.kind != kindReady:
		err = fmt.Errorf("%w: %q instead of readiness", errFrame, f.kind)
	}
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("start a reading process: %w", err)
	}
	return p, nil
}

// follow reads what the worker answers until it ends.
func (p *process) follow(stdout io.Reader) {
	defer close(p.exited)
	for {
		k, body, err := readFrame(stdout)
		if err != nil {
			break
		}
		p.frames <- frame{kind: k, body: body}
	}
	close(p.frames)
	_ = p.cmd.Process.Kill() // it may have ended, or spoken nonsense
	_ = p.cmd.Wait()         // that it was killed says nothing more
}

// ask sends a frame and returns the answer. After an error the process is of no
// use any more.
func (p *process) ask(k kind, body []byte, patience time.Duration, done <-chan struct{}) (frame, error) {
	sent := make(chan error, 1) // a worker that hangs does not take it
	go func() { sent <- writeFrame(p.stdin, k, body) }()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case err := <-sent:
			if err != nil {
				return frame{}, fmt.Errorf("%w: %s", errEnded, p.said.last())
			}
			sent = nil
		case f, ok := <-p.frames:
			if !ok {
				return frame{}, fmt.Errorf("%w: %s", errEnded, p.said.last())
			}
			return f, nil
		case <-late.C:
			return frame{}, fmt.Errorf("%w: no answer within %s", errEnded, patience)
		case <-done:
			return frame{}, ErrClosed
		}
	}
}

// read has the worker read a line. An errEnded says nothing of the line.
func (p *process) read(line *image.Gray, patience time.Duration, done <-chan struct{}) ([]observer.Word, error) {
	f, err := p.ask(kindLine, packLine(line), patience, done)
	if err != nil {
		return nil, err
	}
	p.lines++
	switch f.kind {
	case kindWords:
		var words []observer.Word
		if words, p.memory, err = unpackReply(f.body, line.Rect.Min); err != nil {
			return nil, fmt.Errorf("%w: %w", errEnded, err)
		}
		return words, nil
	case kindError:
		return nil, errors.New(string(f.body))
	default:
		return nil, fmt.Errorf("%w: %w: %q instead of words", errEnded, errFrame, f.kind)
	}
}

// ended reports whether the worker has ended by itself.
func (p *process) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// stop has the worker end by itself, and ends it when it does not.
func (p *process) stop() {
	_ = p.stdin.Close() // it may have ended
	late := time.NewTimer(stopTimeout)
	defer late.Stop()
	for {
		select {
		case <-p.exited:
			return
		case <-late.C:
			_ = p.cmd.Process.Kill() // as above
		case _, ok := <-p.frames: // nobody waits for it
			if !ok {
				p.frames = nil
			}
		}
	}
}

// kill ends the worker at once.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	p.stop()
}
