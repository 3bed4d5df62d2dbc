package blobserver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"time"
)

const (
	// startTimeout bounds the wait for the child to answer.
	startTimeout = 20 * time.Second
	// stopTimeout is what the child gets to finish open requests.
	stopTimeout = 5 * time.Second
	healthPoll  = 10 * time.Millisecond
)

// process is one run of the child.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	exited chan struct{} // closed after the end, when the fields below are set
	err    error
	// said is the last line that the child wrote: its reason, when it fails.
	said string
}

// launch starts the child and returns when it answers on its address.
func launch(ctx context.Context, cfg childConfig, log *slog.Logger) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("embedded S3: find our own program: %w", err)
	}
	// The context bounds the start, not the life.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Dir = cfg.Dir
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("embedded S3: %w", err)
	}
	output, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("embedded S3: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("embedded S3: start: %w", err)
	}
	p := &process{cmd: cmd, stdin: stdin, exited: make(chan struct{})}
	go p.wait(output, log)
	// A child that ended already says why when it is waited for.
	//nolint:gosec // the secret has to get there somehow, and a pipe is private
	if err := json.NewEncoder(stdin).Encode(cfg); err != nil {
		log.Debug("embedded S3 did not take its configuration", "err", err)
	}
	if err := p.waitReady(ctx, cfg.Address); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// wait hands the child's complaints to the log and notes its end.
func (p *process) wait(output io.Reader, log *slog.Logger) {
	defer close(p.exited)
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		p.said = lines.Text()
		log.Warn("embedded S3: " + p.said)
	}
	p.err = p.cmd.Wait()
}

func (p *process) waitReady(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not ready within %s", startTimeout))
	defer cancel()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	poll := time.NewTicker(healthPoll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("embedded S3: %w", context.Cause(ctx))
		case <-p.exited:
			return fmt.Errorf("embedded S3 ended at its start: %s", p.reason())
		case <-poll.C:
		}
		if healthy(ctx, client, "http://"+address+healthPath) {
			return nil
		}
	}
}

func healthy(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// reason is why the child ended; it has.
func (p *process) reason() string {
	if p.said != "" {
		return p.said
	}
	return fmt.Sprint(p.err)
}

// stop ends the child and waits for it.
func (p *process) stop() error {
	err := p.stdin.Close()
	if errors.Is(err, os.ErrClosed) {
		err = nil // it had ended by itself
	}
	select {
	case <-p.exited:
	case <-time.After(stopTimeout):
		err = errors.Join(err, p.cmd.Process.Kill())
		<-p.exited
	}
	return err
}
