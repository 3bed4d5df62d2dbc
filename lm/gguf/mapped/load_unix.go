//go:build unix

package mapped

import (
	"fmt"
	"os"
	"syscall"
)

func load(file *os.File, size int) ([]byte, func() error, error) {
	data, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, fmt.Errorf("mmap of %d bytes: %w", size, err)
	}

	release := func() error {
		if err := syscall.Munmap(data); err != nil {
			return fmt.Errorf("munmap: %w", err)
		}

		return nil
	}

	return data, release, nil
}
