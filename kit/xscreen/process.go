package xscreen

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// stopTimeout is what a program gets to end before it is killed.
const stopTimeout = 3 * time.Second

// process is a program that belongs to the screen.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed after the end, when the fields below are set
	err    error
	// said is the last line that the program wrote to standard error.
	said string
}

// launch starts a program that ends with us, also when we are killed.
func launch(cmd *exec.Cmd, log *slog.Logger) (*process, error) {
	output, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("screen: %w", err)
	}
	endWithUs(cmd)
	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The system takes the end of the thread that started the program for
		// our end, so this one stays until the program has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.exited)
		err := cmd.Start()
		started <- err
		if err == nil {
			p.wait(output, log)
		}
	}()
	if err := <-started; err != nil {
		<-p.exited
		return nil, fmt.Errorf("screen: start %s: %w", cmd.Path, err)
	}
	return p, nil
}

// wait hands the program's complaints to the log and notes its end.
func (p *process) wait(output io.Reader, log *slog.Logger) {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		p.said = lines.Text()
		log.Debug(p.said, "program", p.cmd.Path)
	}
	p.err = p.cmd.Wait()
}

// reason is why the program ended; it has.
func (p *process) reason() string {
	if p.said != "" {
		return p.said
	}
	return fmt.Sprint(p.err)
}

// stop ends the program and waits for it.
func (p *process) stop() error {
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(stopTimeout):
		err = errors.Join(err, p.cmd.Process.Kill())
		<-p.exited
	}
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
