//go:build unix

package busserver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// storeLock keeps a second server out of a store directory: two would
// overwrite each other's files. The system frees it when the process ends,
// however it ends.
type storeLock struct {
	release func() error
}

func lockStore(dir string) (*storeLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("embedded NATS: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded NATS: the store %s is %w by another process: "+
			"end it or choose another data directory", dir, ErrInUse), f.Close())
	}
	return &storeLock{release: sync.OnceValue(f.Close)}, nil
}
