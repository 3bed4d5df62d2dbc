package blob

import (
	"context"
	"errors"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/grokputer/grokputer/contracts"
)

// Object is what a list says of an object.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
}

// List returns the objects whose keys begin with prefix, in the keys' order.
func (s *Store) List(ctx context.Context, prefix string) ([]Object, error) {
	var list []Object
	found := s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true})
	for o := range found {
		if o.Err != nil {
			return nil, s.failed("list "+prefix, o.Err)
		}
		list = append(list, Object{Key: o.Key, Size: o.Size, Modified: o.LastModified})
	}
	return list, nil
}

// Stat returns the pointer to an object of ours, by the hash that it was stored with.
// One that is not there is an ErrNotFound.
func (s *Store) Stat(ctx context.Context, key string) (contracts.Blob, error) {
	info, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return contracts.Blob{}, s.failed("look at "+key, err)
	}
	return contracts.Blob{Bucket: s.bucket, Key: key, SHA256: info.UserMetadata[metaSHA256], Size: info.Size}, nil
}

// Remove removes an object. One that is not there is no error.
func (s *Store) Remove(ctx context.Context, key string) error {
	if err := s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}); err != nil {
		err = s.failed("remove "+key, err)
		if errors.Is(err, ErrNotFound) { // as versitygw says when two remove it at once
			return nil
		}
		return err
	}
	return nil
}
