package basemodel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// Verify checks that the file at path is the model k. The error is ErrHash
// when it is another file or a damaged one, and fs.ErrNotExist when there is none.
func Verify(ctx context.Context, path string, k Known) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the model: %w", err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, until(ctx, file))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("read the model: %w", err)
	}
	return compare(path, sum, k)
}

// compare is ErrHash when sum is not the hash of k.
func compare(path string, sum hash.Hash, k Known) error {
	if got := hex.EncodeToString(sum.Sum(nil)); got != k.SHA256 {
		return fmt.Errorf("%w: %s has the sha256 %s, not %s", ErrHash, path, got, k.SHA256)
	}
	return nil
}

// readFunc is a function that serves as an io.Reader.
type readFunc func(p []byte) (int, error)

// Read implements io.Reader.
func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// until reads from r as long as ctx lasts.
func until(ctx context.Context, r io.Reader) io.Reader {
	return readFunc(func(p []byte) (int, error) {
		if err := context.Cause(ctx); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}
