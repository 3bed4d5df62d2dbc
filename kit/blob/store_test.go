package blob_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/blobserver"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPutAndGet(t *testing.T) {
	t.Parallel()
	s := kittest.Blobs(t)
	for name, data := range map[string][]byte{
		"empty":             {},
		"a/b c/ö.txt":       []byte("hello"),
		"several-parts.bin": bytes.Repeat([]byte("0123456789abcdef"), 17<<16), // 17 MiB: over minio-go's part size
	} {
		pointer, err := s.Put(t.Context(), name, data, "application/octet-stream")
		if err != nil {
			t.Fatal(err)
		}
		if pointer.Bucket != blob.DefaultBucket || pointer.Key != name || pointer.Size != int64(len(data)) ||
			len(pointer.SHA256) != 64 {
			t.Errorf("pointer is %+v", pointer)
		}
		got, err := s.Get(t.Context(), pointer)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: got %d bytes, %v; want %d", name, len(got), err, len(data))
		}
	}
}

func TestPutContentStoresTheSameDataOnce(t *testing.T) {
	t.Parallel()
	s := kittest.Blobs(t)
	// printf hello | sha256sum
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	var modified time.Time
	for range 2 {
		pointer, err := s.PutContent(t.Context(), "frames", "png", []byte("hello"), "image/png")
		if err != nil {
			t.Fatal(err)
		}
		want := contracts.Blob{Bucket: blob.DefaultBucket, Key: "frames/" + sum + ".png", SHA256: sum, Size: 5}
		if pointer != want {
			t.Errorf("pointer is %+v, want %+v", pointer, want)
		}
		list, err := s.List(t.Context(), "frames/")
		if err != nil || len(list) != 1 {
			t.Fatalf("list is %v, %v", list, err)
		}
		if !modified.IsZero() && !modified.Equal(list[0].Modified) {
			t.Error("the object was written again")
		}
		modified = list[0].Modified
	}
}

// An object that was damaged under its content's name is replaced.
func TestPutContentMendsADamagedObject(t *testing.T) {
	t.Parallel()
	s := kittest.Blobs(t)
	pointer, err := s.PutContent(t.Context(), "frames", "png", []byte("hello"), "image/png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), pointer.Key, []byte("jello"), "image/png"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutContent(t.Context(), "frames", "png", []byte("hello"), "image/png"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), pointer); err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestGetRefusesWhatIsNotWhatThePointerSays(t *testing.T) {
	t.Parallel()
	s := kittest.Blobs(t)
	pointer, err := s.Put(t.Context(), "k", []byte("the content"), "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*contracts.Blob)
		want   error
	}{
		"another hash":         {func(p *contracts.Blob) { p.SHA256 = strings.Repeat("0", 64) }, blob.ErrCorrupt},
		"a smaller size":       {func(p *contracts.Blob) { p.Size-- }, blob.ErrCorrupt},
		"a larger size":        {func(p *contracts.Blob) { p.Size++ }, blob.ErrCorrupt},
		"a key that is not":    {func(p *contracts.Blob) { p.Key = "nosuch" }, blob.ErrNotFound},
		"a bucket that is not": {func(p *contracts.Blob) { p.Bucket = "nosuch" }, blob.ErrNotFound},
	} {
		p := pointer
		c.change(&p)
		if got, err := s.Get(t.Context(), p); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: got %q, %v; want %v", name, got, err, c.want)
		}
		file := filepath.Join(t.TempDir(), "f")
		if err := s.Download(t.Context(), p, file); !errors.Is(err, c.want) {
			t.Errorf("download with %s: %v, want %v", name, err, c.want)
		}
		if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 0 {
			t.Errorf("download with %s left %v, %v", name, left, err)
		}
	}
}

func TestStreamAndDownload(t *testing.T) {
	t.Parallel()
	s := kittest.Blobs(t)
	r := bytes.NewReader([]byte("from the beginning"))
	if _, err := r.Seek(5, 0); err != nil {
		t.Fatal(err)
	}
	pointer, err := s.PutStream(t.Context(), "k", r, "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "f")
	if err := s.Download(t.Context(), pointer, file); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "from the beginning" {
		t.Errorf("got %q, %v", got, err)
	}
	pointer.Bucket = "" // stands for the store's own
	if _, err := s.Get(t.Context(), pointer); err != nil {
		t.Error(err)
	}
}

func TestListAndRemove(t *testing.T) {
	t.Parallel()
	s := kittest.Blobs(t)
	for _, key := range []string{"b/2", "a/1", "b/1"} {
		if _, err := s.Put(t.Context(), key, []byte(key), "text/plain"); err != nil {
			t.Fatal(err)
		}
	}
	keys := func(prefix string) []string {
		list, err := s.List(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, o := range list {
			if o.Size != 3 || time.Since(o.Modified) > time.Hour {
				t.Errorf("object is %+v", o)
			}
			keys = append(keys, o.Key)
		}
		return keys
	}
	if got := keys("b/"); !slices.Equal(got, []string{"b/1", "b/2"}) {
		t.Errorf("b/ holds %v", got)
	}
	for range 2 { // the second time there is nothing to remove
		if err := s.Remove(t.Context(), "b/1"); err != nil {
			t.Error(err)
		}
	}
	if got := keys(""); !slices.Equal(got, []string{"a/1", "b/2"}) {
		t.Errorf("the bucket holds %v", got)
	}
}

func TestServerAwayIsSaidClearlyAndRecoveredFrom(t *testing.T) {
	t.Parallel()
	o := blobserver.Options{
		Dir: t.TempDir(), Port: blobserver.RandomPort, AccessKey: "access", SecretKey: "secret-key",
	}
	server, err := blobserver.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	so := blob.Options{Endpoint: server.Endpoint(), AccessKey: o.AccessKey, SecretKey: o.SecretKey}
	s, err := blob.Open(t.Context(), so)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	pointer, err := s.Put(t.Context(), "k", []byte("kept"), "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Shutdown(); err != nil {
		t.Fatal(err)
	}
	_, getErr := s.Get(t.Context(), pointer)
	_, putErr := s.PutContent(t.Context(), "p", "txt", []byte("x"), "text/plain")
	_, listErr := s.List(t.Context(), "")
	_, openErr := blob.Open(t.Context(), so)
	for name, err := range map[string]error{"get": getErr, "put": putErr, "list": listErr, "open": openErr} {
		if !errors.Is(err, blob.ErrUnavailable) || !strings.Contains(err.Error(), server.Endpoint()) {
			t.Errorf("%s: %v, want ErrUnavailable with the address", name, err)
		}
	}
	if o.Port, err = port(server.Endpoint()); err != nil {
		t.Fatal(err)
	}
	again, err := blobserver.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := again.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	if got, err := s.Get(t.Context(), pointer); err != nil || string(got) != "kept" {
		t.Errorf("after the restart: got %q, %v", got, err)
	}
}

func port(endpoint string) (int, error) {
	_, p, err := net.SplitHostPort(endpoint)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(p)
}

func TestWrongKeysAreSaidClearly(t *testing.T) {
	t.Parallel()
	server := kittest.BlobServer(t)
	for _, o := range []blob.Options{
		{Endpoint: server.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: "wrong"},
		{Endpoint: server.Endpoint(), AccessKey: "wrong", SecretKey: kittest.SecretKey},
	} {
		if _, err := blob.Open(t.Context(), o); !errors.Is(err, blob.ErrDenied) {
			t.Errorf("%v, want ErrDenied", err)
		}
	}
	if _, err := blob.Open(t.Context(), blob.Options{Endpoint: "http://not an endpoint"}); err == nil {
		t.Error("an endpoint that is none was taken")
	}
}

func TestCancelledRequestSaysSo(t *testing.T) {
	t.Parallel()
	s := kittest.Blobs(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, "k", []byte("x"), "text/plain"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}
