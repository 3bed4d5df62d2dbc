package observer_test

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// objects is a blob store in memory in which every object has 1,000 bytes.
type objects struct {
	mu   sync.Mutex
	list []blob.Object
	err  error
}

const objectSize = 1000

func (o *objects) PutContent(_ context.Context, prefix, ext string, data []byte, _ string) (contracts.Blob, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := fmt.Sprintf("%s/%d-%d.%s", prefix, len(o.list), len(data), ext)
	o.list = append(o.list, blob.Object{Key: key, Size: objectSize, Modified: time.Now()})
	return contracts.Blob{Key: key, Size: objectSize}, nil
}

func (o *objects) List(context.Context, string) ([]blob.Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := slices.Clone(o.list)
	slices.Reverse(list) // a store's order is that of the keys, not of time
	return list, o.err
}

func (o *objects) Remove(_ context.Context, key string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = slices.DeleteFunc(o.list, func(b blob.Object) bool { return b.Key == key })
	return nil
}

func (o *objects) keys() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var keys []string
	for _, b := range o.list {
		keys = append(keys, b.Key)
	}
	return keys
}

func TestFramesRemoveTheOldest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &objects{err: errors.New("away")}
		frames := observer.NewFrames(store, 10*objectSize, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go frames.Keep(ctx)
		put := func() string {
			t.Helper()
			time.Sleep(time.Second) // of the bubble's clock: each frame has a time of its own
			b, err := frames.Put(ctx, sim.NewCanvas(8, 8, sim.Pane))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return b.Key
		}
		var put11 []string
		for range 11 {
			put11 = append(put11, put())
		}
		// While the store cannot list, nothing is removed and nothing fails.
		if diff := cmp.Diff(put11, store.keys()); diff != "" {
			t.Fatalf("frames differ (- want, + got):\n%s", diff)
		}
		store.mu.Lock()
		store.err = nil
		store.mu.Unlock()
		last := put()
		// Twelve are above the cap of ten: the three oldest go, nine are 95 % or less.
		if diff := cmp.Diff(append(put11[3:], last), store.keys()); diff != "" {
			t.Errorf("frames differ (- want, + got):\n%s", diff)
		}
	})
}

func TestFramesInAStore(t *testing.T) {
	t.Parallel()
	store := kittest.Blobs(t)
	frames := observer.NewFrames(store, 1e9, slog.New(slog.DiscardHandler))
	one, err := frames.Put(t.Context(), sim.NewCanvas(64, 48, color.White))
	if err != nil {
		t.Fatal(err)
	}
	again, err := frames.Put(t.Context(), sim.NewCanvas(64, 48, color.White))
	if err != nil {
		t.Fatal(err)
	}
	if one != again || one.Key != "frames/"+one.SHA256+".png" {
		t.Errorf("one picture became %+v and %+v", one, again)
	}
	if _, err := store.Get(t.Context(), one); err != nil {
		t.Error(err)
	}
}
