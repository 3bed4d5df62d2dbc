//go:build linux

package standin

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// cached returns the folder of the cache that belongs to the key. If it is not there, fill makes it; who comes at the same
// time waits, in this process or another.
func cached(key string, fill func(folder string) error) (folder string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("standin: a folder to build in: %w", err)
	}
	cache = filepath.Join(cache, "grokputer-standin")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(key))
	folder = filepath.Join(cache, hex.EncodeToString(sum[:12]))
	lock, err := os.OpenFile(folder+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }() // which unlocks it
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("standin: lock %s: %w", lock.Name(), err)
	}
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	work, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }() // there is nothing when all went well
	if err := fill(work); err != nil {
		return "", err
	}

	return folder, os.Rename(work, folder)
}
