package observer

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"slices"
	"sync"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
)

// framePrefix is where frames are: frames/<sha256>.png.
const framePrefix = "frames"

// trimTo is how much of the cap is left in use by a removal, so that the next
// one is some time away.
const trimTo = 0.95

// Objects is what Frames need of a blob store; *blob.Store is one.
type Objects interface {
	PutContent(ctx context.Context, prefix, ext string, data []byte, contentType string) (contracts.Blob, error)
	List(ctx context.Context, prefix string) ([]blob.Object, error)
	Remove(ctx context.Context, key string) error
}

// Frames keeps pictures in a blob store by the hash of their content, and
// removes the oldest when they take too much space. It is safe for concurrent
// use.
type Frames struct {
	objects Objects
	most    int64
	log     *slog.Logger
	// grown tells Keep that a frame was stored.
	grown chan struct{}

	mu    sync.Mutex
	bytes int64 // stored since Keep has counted, and what it counted
}

// NewFrames returns frames that take at most so many bytes.
func NewFrames(objects Objects, most int64, log *slog.Logger) *Frames {
	return &Frames{objects: objects, most: most, log: log, grown: make(chan struct{}, 1)}
}

// Put stores a picture.
func (f *Frames) Put(ctx context.Context, picture image.Image) (contracts.Blob, error) {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, picture); err != nil {
		return contracts.Blob{}, fmt.Errorf("encode the frame: %w", err)
	}
	pointer, err := f.objects.PutContent(ctx, framePrefix, "png", b.Bytes(), "image/png")
	if err != nil {
		return contracts.Blob{}, fmt.Errorf("store the frame: %w", err)
	}
	f.mu.Lock()
	f.bytes += pointer.Size // one stored before counts twice until Keep counts again
	f.mu.Unlock()
	select {
	case f.grown <- struct{}{}:
	default:
	}
	return pointer, nil
}

// Keep removes the oldest frames whenever all of them take more than the cap,
// until ctx ends. A store that is away is tried again after the next frame.
func (f *Frames) Keep(ctx context.Context) {
	counted := false
	for {
		f.mu.Lock()
		over := f.bytes > f.most
		f.mu.Unlock()
		if over || !counted {
			if err := f.trim(ctx); err == nil {
				counted = true
			} else if ctx.Err() == nil {
				f.log.Warn("cannot remove old frames, trying again after the next", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-f.grown:
		}
	}
}

// trim counts what is stored and removes the oldest frames above the cap.
func (f *Frames) trim(ctx context.Context) error {
	f.mu.Lock()
	before := f.bytes
	f.mu.Unlock()
	list, err := f.objects.List(ctx, framePrefix+"/")
	if err != nil {
		return fmt.Errorf("list the frames: %w", err)
	}
	var total int64
	for _, o := range list {
		total += o.Size
	}
	removed := 0
	if total > f.most {
		slices.SortFunc(list, func(a, b blob.Object) int { return a.Modified.Compare(b.Modified) })
	} else {
		list = nil
	}
	for _, o := range list {
		if float64(total) <= trimTo*float64(f.most) {
			break
		}
		if err := f.objects.Remove(ctx, o.Key); err != nil {
			return fmt.Errorf("remove a frame: %w", err)
		}
		total -= o.Size
		removed++
	}
	if removed > 0 {
		f.log.Info("removed the oldest frames", "count", removed, "bytes_left", total)
	}
	f.mu.Lock()
	f.bytes += total - before // what was stored meanwhile stays counted
	f.mu.Unlock()
	return nil
}
