package actor

import (
	"context"
	"fmt"
	"sync"

	"github.com/grokputer/grokputer/contracts/action"
)

// StopKey is what a person holds down to stop everything, whichever window has
// the focus.
type StopKey interface {
	// Watch calls held each time a person has held the keys long enough, until ctx
	// ends. What the hands themselves press is not taken for it.
	Watch(ctx context.Context, held func())
	// String names the keys, such as escape or ctrl+alt+q.
	String() string
}

// NoStopKey is the setting of no stop key.
const NoStopKey = "none"

// ParseKeys reads a combination such as escape or ctrl+alt+q; NoStopKey gives none.
func ParseKeys(keys string) ([]string, error) {
	if keys == NoStopKey {
		return nil, nil
	}
	a, err := action.Parse(string(action.Key) + " " + keys)
	if err != nil {
		return nil, fmt.Errorf("%q is no combination of keys such as escape or ctrl+alt+q: %w", keys, err)
	}
	return a.Keys, nil
}

// watchStopKey looks out for the stop key until the returned function is called.
func (s *service) watchStopKey(ctx context.Context) (end func()) {
	key := s.ports.StopKey
	if key == nil {
		return func() {}
	}
	watching, cancel := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() {
		key.Watch(watching, func() { s.stopNow(ctx, "the person held "+key.String()) })
	})
	return func() {
		cancel()
		watcher.Wait()
	}
}
