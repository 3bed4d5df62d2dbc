package kittest

import (
	"context"
	"testing"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/blobserver"
)

// AccessKey and SecretKey of the servers that BlobServer starts.
const (
	AccessKey = "test-access"
	SecretKey = "test-secret-key"
)

// BlobServer starts an S3 server on a free port, with its objects in the
// test's folder.
func BlobServer(tb testing.TB) *blobserver.Server {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	s, err := blobserver.Start(ctx, blobserver.Options{
		Dir: tb.TempDir(), Port: blobserver.RandomPort, AccessKey: AccessKey, SecretKey: SecretKey,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// Blobs is an empty store on a server of its own.
func Blobs(tb testing.TB) *blob.Store {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	s, err := blob.Open(ctx, blob.Options{
		Endpoint: BlobServer(tb).Endpoint(), AccessKey: AccessKey, SecretKey: SecretKey,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}
