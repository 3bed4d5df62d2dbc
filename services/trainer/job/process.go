package job

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/grokputer/grokputer/services/trainer"
)

// stopTimeout is what the child gets to write a checkpoint before it is killed.
const stopTimeout = 30 * time.Second

// maxLine bounds one line of the child.
const maxLine = 1 << 20

// Process trains in a child process.
type Process struct {
	// Log gets what the child says besides; silent when nil.
	Log *slog.Logger
	// Env is added to the child's environment.
	Env []string
}

var _ trainer.Runner = Process{}

// Run implements trainer.Runner.
func (p Process) Run(
	ctx context.Context, a trainer.Assignment, tell func(trainer.Update), rest <-chan bool,
) (trainer.Trained, error) {
	program, err := os.Executable()
	if err != nil {
		return trainer.Trained{}, fmt.Errorf("find our own program: %w", err)
	}
	// The child is not killed when ctx ends: its input ends, and it saves its work.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program)
	cmd.Env = append(append(os.Environ(), p.Env...), childEnv+"=1")
	if a.Share < 1 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMAXPROCS=%d", processors(a.Share)))
	}
	cmd.Dir = a.Folder
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return trainer.Trained{}, fmt.Errorf("start the training process: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return trainer.Trained{}, fmt.Errorf("start the training process: %w", err)
	}
	said := &tail{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return trainer.Trained{}, fmt.Errorf("start the training process: %w", err)
	}
	ended := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stopChild(ctx, cmd.Process, stdin, ended)
	}()
	result, err := p.follow(stdin, stdout, a, tell, rest)
	waitErr := cmd.Wait()
	close(ended)
	<-stopped
	switch {
	case ctx.Err() != nil:
		return trainer.Trained{}, context.Cause(ctx)
	case err != nil:
		return trainer.Trained{}, err
	case waitErr != nil || result == nil:
		return trainer.Trained{}, fmt.Errorf("the training process ended before its time: %w: %s", errors.Join(waitErr), said.last())
	default:
		return *result, nil
	}
}

// processors is a share of the processors, at least one.
func processors(share float64) int { return max(1, int(share*float64(runtime.NumCPU()))) }

// stopChild ends the child's input when ctx ends, and the child if that is not enough.
func stopChild(ctx context.Context, child *os.Process, stdin io.Closer, ended <-chan struct{}) {
	select {
	case <-ended:
	case <-ctx.Done():
		_ = stdin.Close() // it may have ended by itself just now
		select {
		case <-ended:
		case <-time.After(stopTimeout):
			_ = child.Kill()
		}
		return
	}
	_ = stdin.Close()
}

// follow gives the child its assignment and reads what it says until it ends.
func (p Process) follow(
	stdin io.Writer, stdout io.Reader, a trainer.Assignment, tell func(trainer.Update), rest <-chan bool,
) (result *trainer.Trained, err error) {
	orders := json.NewEncoder(stdin)
	// A child that ended already says why below.
	if err := orders.Encode(a); err != nil && p.Log != nil {
		p.Log.Debug("the training process did not take its assignment", "err", err)
	}
	if rest != nil {
		ended := make(chan struct{})
		defer close(ended)
		go give(orders, rest, ended)
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		l, decodeErr := decode(lines.Bytes())
		switch {
		case decodeErr != nil:
			if p.Log != nil { // a library that prints
				p.Log.Debug("the training process printed something", "err", decodeErr)
			}
		case l.Failed != nil && l.Failed.Final:
			err = fmt.Errorf("%w: %s", trainer.ErrUntrainable, l.Failed.Reason)
		case l.Failed != nil:
			err = errors.New(l.Failed.Reason)
		case l.Trained != nil:
			result = l.Trained
		case l.update() != nil:
			tell(l.update())
		}
	}
	return result, errors.Join(err, lines.Err())
}

// give passes orders on until there are no more, or the child has ended.
func give(to *json.Encoder, rest <-chan bool, ended <-chan struct{}) {
	for {
		select {
		case resting, ok := <-rest:
			if !ok {
				return
			}
			if err := to.Encode(order{Rest: resting}); err != nil {
				return // a child that has ended says so elsewhere
			}
		case <-ended:
			return
		}
	}
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

const maxTail = 4 << 10

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	t.kept = t.kept[max(0, len(t.kept)-maxTail):]
	return len(b), nil
}

func (t *tail) last() string {
	if len(t.kept) == 0 {
		return "it said nothing"
	}
	return string(t.kept)
}
