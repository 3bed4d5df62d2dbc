//go:build !unix

package mapped

import (
	"fmt"
	"io"
	"os"
)

func load(file *os.File, size int) ([]byte, func() error, error) {
	data := make([]byte, size)
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, nil, fmt.Errorf("read %d bytes: %w", size, err)
	}

	return data, func() error { return nil }, nil
}
