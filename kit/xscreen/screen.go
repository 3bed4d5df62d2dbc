// Package xscreen is an X screen of our own: a virtual one (Xvfb) that only
// holders of its cookie can use, with a window manager (openbox) that does
// nothing but manage windows.
package xscreen

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ErrMissing tells that a program that the screen needs is not installed. The message
// says how to install it.
var ErrMissing = errors.New("is not installed")

// startTimeout bounds the start of one program.
const startTimeout = 20 * time.Second

// Screen is a running screen.
type Screen struct {
	dir     string
	number  string
	server  *process
	manager *process // nil without a window manager
}

// Start starts a screen on a display number that is free, and returns when
// programs can be shown on it. The context bounds the start only; Close ends
// the screen.
func Start(ctx context.Context, o Options) (*Screen, error) {
	o = o.withDefaults()
	if err := o.Validate(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "grokputer-screen-")
	if err != nil {
		return nil, fmt.Errorf("screen: %w", err)
	}
	s := &Screen{dir: dir}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not ready within %s", startTimeout))
	defer cancel()
	err = s.startServer(ctx, o)
	if err == nil && o.WindowManager {
		err = s.startManager(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Screen) startServer(ctx context.Context, o Options) error {
	program, err := find("Xvfb", "xvfb")
	if err != nil {
		return err
	}
	cookie := newCookie()
	// The server's own file names no display: its number is not known yet.
	serverAuthority := filepath.Join(s.dir, "server-authority")
	if err := writeAuthority(serverAuthority, "", cookie); err != nil {
		return err
	}
	numbers, tell, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("screen: %w", err)
	}
	defer numbers.Close() //nolint:errcheck // only read from
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, "-displayfd", "3", "-nolisten", "tcp", "-noreset", "-auth", serverAuthority,
		"-screen", "0", fmt.Sprintf("%dx%dx%d", o.Width, o.Height, o.Depth))
	cmd.ExtraFiles = []*os.File{tell} // descriptor 3
	s.server, err = launch(cmd, o.Log)
	if err = errors.Join(err, tell.Close()); err != nil {
		return err
	}
	line, err := s.firstLine(ctx, s.server, numbers)
	if err != nil {
		return fmt.Errorf("screen: Xvfb: %w", err)
	}
	if _, err := strconv.Atoi(line); err != nil {
		return fmt.Errorf("screen: Xvfb says that its display is %q", line)
	}
	s.number = line
	return writeAuthority(s.authority(), s.number, cookie)
}

func (s *Screen) startManager(ctx context.Context, o Options) error {
	program, err := find("openbox", "openbox")
	if err != nil {
		return err
	}
	config := filepath.Join(s.dir, "openbox.xml")
	if err := os.WriteFile(config, openboxConfig(), 0o600); err != nil {
		return fmt.Errorf("screen: %w", err)
	}
	said, tell, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("screen: %w", err)
	}
	defer said.Close() //nolint:errcheck // only read from
	// The startup command runs when openbox manages the screen, and writes to
	// openbox's standard output.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, "--sm-disable", "--config-file", config, "--startup", "echo ready")
	cmd.Env = append(os.Environ(), s.Env()...)
	cmd.Stdout = tell
	s.manager, err = launch(cmd, o.Log)
	if err = errors.Join(err, tell.Close()); err != nil {
		return err
	}
	if _, err := s.firstLine(ctx, s.manager, said); err != nil {
		return fmt.Errorf("screen: openbox: %w", err)
	}
	return nil
}

// firstLine waits for what a starting program writes.
func (s *Screen) firstLine(ctx context.Context, p *process, r *os.File) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(r).ReadString('\n')
		read <- result{strings.TrimSpace(line), err}
	}()
	select {
	case got := <-read:
		if errors.Is(got.err, io.EOF) {
			<-p.exited
			return "", errors.New(p.reason())
		}
		return got.line, got.err
	case <-ctx.Done():
		return "", errors.Join(context.Cause(ctx), r.SetReadDeadline(time.Now()))
	}
}

// find returns a program's path.
func find(program, debianPackage string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%s %w: apt-get install %s", program, ErrMissing, debianPackage)
	}
	return path, nil
}

func (s *Screen) authority() string { return filepath.Join(s.dir, "authority") }

// Display is the screen's name, such as ":7".
func (s *Screen) Display() string { return ":" + s.number }

// Env returns the environment variables with which a program finds the screen
// and may use it.
func (s *Screen) Env() []string {
	return []string{"DISPLAY=" + s.Display(), "XAUTHORITY=" + s.authority()}
}

// Done is closed when the screen has ended, by Close or by itself.
func (s *Screen) Done() <-chan struct{} { return s.server.exited }

// Close ends the screen's own programs, waits for them, and removes its files.
// What else was shown on the screen ends by itself, having lost it.
func (s *Screen) Close() error {
	var err error
	for _, p := range []*process{s.manager, s.server} {
		if p != nil {
			err = errors.Join(err, p.stop())
		}
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
