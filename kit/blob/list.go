package blob

import (
	"context"
	"time"

	"github.com/minio/minio-go/v7"
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

// Remove removes an object. One that is not there is no error.
func (s *Store) Remove(ctx context.Context, key string) error {
	if err := s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}); err != nil {
		return s.failed("remove "+key, err)
	}
	return nil
}
