package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/readback"
)

// furnish leaves nothing in the home folder but these files.
func (p Place) furnish(files map[string]string) error {
	if err := os.RemoveAll(p.Home); err != nil {
		return err
	}
	if err := os.MkdirAll(p.Home, 0o700); err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(p.Home, name)
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o700); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// fill leaves nothing in the folders of the agent but these empty files.
func (p Place) fill(files []string) error {
	for name := range p.Folders {
		if err := p.emptyFolder(name); err != nil {
			return err
		}
	}
	for _, file := range files {
		name, rest, _ := strings.Cut(file, "/")
		path := filepath.Join(p.Folders[name], filepath.FromSlash(rest))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// program is one that the recorder has opened before a task.
type program struct {
	cmd   *exec.Cmd
	said  strings.Builder // what it printed; read once it has ended
	ended chan struct{}
}

// start opens a program and returns when its window is there.
func (p Place) start(ctx context.Context, command []string) (*program, error) {
	started := &program{ended: make(chan struct{})}
	// It ends with its window, at the latest with the screen, and by end.
	started.cmd = exec.Command(command[0], command[1:]...) //nolint:noctx // see above
	started.cmd.Dir, started.cmd.Env, started.cmd.Stdout = p.Home, p.Env(), &started.said
	if err := started.cmd.Start(); err != nil {
		return nil, fmt.Errorf("open %s: %w", command[0], err)
	}
	go func() {
		defer close(started.ended)
		_ = started.cmd.Wait() // its status is in ProcessState
	}()
	if err := readback.Await(ctx, p.Display); err != nil {
		started.end()
		return nil, fmt.Errorf("open %s: %w", command[0], err)
	}
	return started, nil
}

// end ends the program if it still runs.
func (p *program) end() {
	_ = p.cmd.Process.Kill() // it may just have ended
	<-p.ended
}
