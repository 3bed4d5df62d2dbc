// Package filelock makes sure that one process at a time works on a folder.
//
// A lock is held on an open file, so it ends with the process that took it,
// however that process ends: no lock is ever stale.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// ErrHeld means that another process, or another part of this one, holds the lock.
var ErrHeld = errors.New("the lock is held")

// retryEvery is how often Wait asks again: the kernel can queue waiters, but a
// queued one cannot be interrupted by a context.
const retryEvery = 100 * time.Millisecond

// Lock is a held lock.
type Lock struct{ file *os.File }

// Take takes the lock at path, making the file and its folder (both for the
// owner alone) if need be. The error is ErrHeld when it is taken already.
func Take(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the lock: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	err = unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, whole(unix.F_WRLCK))
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		err = fmt.Errorf("%w: %s", ErrHeld, path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Lock{file: file}, nil
}

// Wait takes the lock, waiting until whoever holds it lets go or ctx ends.
func Wait(ctx context.Context, path string) (*Lock, error) {
	ticker := time.NewTicker(retryEvery)
	defer ticker.Stop()
	for {
		l, err := Take(path)
		if err == nil || !errors.Is(err, ErrHeld) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the lock at %s: %w", path, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

// Held reports whether somebody holds the lock at path. It never takes the
// lock, so asking cannot get in the way of someone who wants it.
func Held(path string) (bool, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open the lock: %w", err)
	}
	query := whole(unix.F_RDLCK)
	err = unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, query)
	if err = errors.Join(err, file.Close()); err != nil {
		return false, fmt.Errorf("ask for the lock at %s: %w", path, err)
	}
	return query.Type != unix.F_UNLCK, nil
}

// Release lets go. The file stays: removing it would let two processes hold
// "the same" lock on two files.
func (l *Lock) Release() error {
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("release the lock: %w", err)
	}
	return nil
}

// whole is a lock of kind over the whole file.
func whole(kind int16) *unix.Flock_t { return &unix.Flock_t{Type: kind} }
