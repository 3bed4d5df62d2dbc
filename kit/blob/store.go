// Package blob keeps large things (frames, adapters, datasets, bundles) in an S3
// bucket. An event carries a contracts.Blob, which says where an object is and
// what its SHA-256 is; every read checks it.
package blob

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// DefaultBucket is the bucket when no other is set.
const DefaultBucket = "grokputer"

// region is what servers that know no regions expect.
const region = "us-east-1"

const (
	// attempts is how often one request is tried before the store counts as away.
	attempts = 3
	// responseTimeout bounds the wait for the beginning of an answer.
	responseTimeout = 30 * time.Second
)

// Options are the settings of a store.
type Options struct {
	// Endpoint is the server's host:port.
	Endpoint string
	// Bucket is DefaultBucket when empty.
	Bucket               string
	AccessKey, SecretKey string
	// Secure uses HTTPS.
	Secure bool
	// Region is us-east-1 when empty.
	Region string
}

func (o Options) withDefaults() Options {
	if o.Bucket == "" {
		o.Bucket = DefaultBucket
	}
	if o.Region == "" {
		o.Region = region
	}
	return o
}

// Store is one bucket. It is safe for concurrent use.
type Store struct {
	client    *minio.Client
	transport *http.Transport
	bucket    string
	region    string
}

// Open connects to the server and makes the bucket if it is not there.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	transport, err := minio.DefaultTransport(o.Secure)
	if err != nil {
		return nil, fmt.Errorf("open S3 at %s: %w", o.Endpoint, err)
	}
	transport.ResponseHeaderTimeout = responseTimeout
	client, err := minio.New(o.Endpoint, &minio.Options{
		Creds:      credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure:     o.Secure,
		Region:     o.Region,
		Transport:  transport,
		MaxRetries: attempts,
	})
	if err != nil {
		return nil, fmt.Errorf("open S3 at %s: %w", o.Endpoint, err)
	}
	s := &Store{client: client, transport: transport, bucket: o.Bucket, region: o.Region}
	if err := s.EnsureBucket(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// EnsureBucket makes the bucket if it is not there. It is also the cheapest way
// to ask whether the server can be reached and knows our keys.
func (s *Store) EnsureBucket(ctx context.Context) error {
	there, err := s.client.BucketExists(ctx, s.bucket)
	if err != nil {
		return s.failed("look for bucket "+s.bucket, err)
	}
	if there {
		return nil
	}
	err = s.client.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: s.region})
	switch minio.ToErrorResponse(err).Code {
	case "BucketAlreadyOwnedByYou", "BucketAlreadyExists": // someone else made it just now
		return nil
	}
	if err != nil {
		return s.failed("make bucket "+s.bucket, err)
	}
	return nil
}

// Bucket is the bucket's name.
func (s *Store) Bucket() string { return s.bucket }

// Close gives idle connections back.
func (s *Store) Close() { s.transport.CloseIdleConnections() }
