package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/minio/minio-go/v7"

	"github.com/grokputer/grokputer/contracts"
)

// Get reads an object into memory. It returns nothing unless size and hash are
// those of the pointer (ErrCorrupt).
func (s *Store) Get(ctx context.Context, pointer contracts.Blob) ([]byte, error) {
	var b bytes.Buffer
	if err := s.read(ctx, pointer, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Download reads an object into a file, which appears only when it is whole
// and has the pointer's hash (ErrCorrupt). Its folder must exist.
func (s *Store) Download(ctx context.Context, pointer contracts.Blob, file string) (err error) {
	part, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".part-*")
	if err != nil {
		return fmt.Errorf("download %s: %w", pointer.Key, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part.Name()))
		}
	}()
	err = s.read(ctx, pointer, part)
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), file); err != nil {
		return fmt.Errorf("download %s: %w", pointer.Key, err)
	}
	return nil
}

// Copy writes an object to w. What was written must not be used unless the error is
// nil: size and hash are known at the end only (ErrCorrupt).
func (s *Store) Copy(ctx context.Context, pointer contracts.Blob, w io.Writer) error {
	return s.read(ctx, pointer, w)
}

// read copies an object to w and compares it with its pointer.
func (s *Store) read(ctx context.Context, pointer contracts.Blob, w io.Writer) error {
	bucket := pointer.Bucket
	if bucket == "" {
		bucket = s.bucket
	}
	object, err := s.client.GetObject(ctx, bucket, pointer.Key, minio.GetObjectOptions{})
	if err != nil {
		return s.failed("read "+pointer.Key, err)
	}
	defer object.Close() //nolint:errcheck // all that was wanted is read
	hash := sha256.New()
	// One byte more than promised is enough to know that the object is another.
	size, err := io.Copy(io.MultiWriter(w, hash), io.LimitReader(object, pointer.Size+1))
	if err != nil {
		return s.failed("read "+pointer.Key, err)
	}
	if size != pointer.Size {
		return fmt.Errorf("read %s: %w: it is not %d bytes long", pointer.Key, ErrCorrupt, pointer.Size)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != pointer.SHA256 {
		return fmt.Errorf("read %s: %w: its sha256 is %s, not %s", pointer.Key, ErrCorrupt, sum, pointer.SHA256)
	}
	return nil
}
