package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"

	"github.com/minio/minio-go/v7"

	"github.com/grokputer/grokputer/contracts"
)

// metaSHA256 is the user metadata that holds an object's hash in hexadecimal.
// It is ours: servers differ in which checksums they keep.
const metaSHA256 = "Sha256"

// Put stores data under a key, over what was there.
func (s *Store) Put(ctx context.Context, key string, data []byte, contentType string) (contracts.Blob, error) {
	return s.PutStream(ctx, key, bytes.NewReader(data), contentType)
}

// PutStream stores what r holds from its beginning. It is read twice: the hash
// is sent before the content.
func (s *Store) PutStream(ctx context.Context, key string, r io.ReadSeeker, contentType string) (contracts.Blob, error) {
	pointer, err := s.describe(key, r)
	if err != nil {
		return contracts.Blob{}, fmt.Errorf("store %s: %w", key, err)
	}
	return pointer, s.put(ctx, pointer, r, contentType)
}

// PutContent stores data under a key made of its hash, <prefix>/<sha256>.<ext>.
// The same data is stored once.
func (s *Store) PutContent(ctx context.Context, prefix, ext string, data []byte, contentType string) (contracts.Blob, error) {
	sum := sha256.Sum256(data)
	name := hex.EncodeToString(sum[:])
	pointer := contracts.Blob{
		Bucket: s.bucket,
		Key:    path.Join(prefix, name+"."+ext),
		SHA256: name,
		Size:   int64(len(data)),
	}
	there, err := s.client.StatObject(ctx, s.bucket, pointer.Key, minio.StatObjectOptions{})
	if err == nil && there.Size == pointer.Size && there.UserMetadata[metaSHA256] == name {
		return pointer, nil
	}
	// Whatever the look told, storing tells better.
	return pointer, s.put(ctx, pointer, bytes.NewReader(data), contentType)
}

// describe computes the pointer to what r holds and rewinds it.
func (s *Store) describe(key string, r io.ReadSeeker) (contracts.Blob, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return contracts.Blob{}, err
	}
	hash := sha256.New()
	size, err := io.Copy(hash, r)
	if err != nil {
		return contracts.Blob{}, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return contracts.Blob{}, err
	}
	return contracts.Blob{Bucket: s.bucket, Key: key, SHA256: hex.EncodeToString(hash.Sum(nil)), Size: size}, nil
}

func (s *Store) put(ctx context.Context, pointer contracts.Blob, r io.Reader, contentType string) error {
	_, err := s.client.PutObject(ctx, s.bucket, pointer.Key, r, pointer.Size, minio.PutObjectOptions{
		ContentType:  contentType,
		UserMetadata: map[string]string{metaSHA256: pointer.SHA256},
		// A signed stream of no bytes leaves versitygw waiting for more.
		DisableContentSha256: pointer.Size == 0,
	})
	if err != nil {
		return s.failed("store "+pointer.Key, err)
	}
	return nil
}
