package sessionlog

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/actor"
)

// ErrRuns means that a session has not ended.
var ErrRuns = errors.New("the session has not ended; one that a crash cut off ends when `grokputer up` is started again")

// Objects is what Delete needs of the blob store; *blob.Store is one.
type Objects interface {
	Remove(ctx context.Context, key string) error
}

// Delete removes a session with its pictures, but for pictures that other
// sessions show too: a picture is stored once, by its content. The folder goes
// last, so that a deletion that failed can be repeated. It returns how many
// pictures were removed.
func (l Logs) Delete(ctx context.Context, id string, objects Objects) (int, error) {
	gone, err := l.Load(id)
	if err != nil {
		return 0, err
	}
	if gone.Outcome == "" {
		return 0, fmt.Errorf("%w: %s", ErrRuns, id)
	}
	// Without knowing all sessions, none of the pictures could be removed safely.
	all, err := l.List()
	if err != nil {
		return 0, fmt.Errorf("find the pictures that other sessions need: %w", err)
	}
	keys := frames(gone)
	for _, s := range all {
		if s.SessionID == gone.SessionID {
			continue
		}
		for key := range frames(s) {
			delete(keys, key)
		}
	}
	for key := range keys {
		if err := objects.Remove(ctx, key); err != nil {
			return 0, fmt.Errorf("delete the pictures of %s: %w", id, err)
		}
	}
	folder, err := l.Folder(id)
	if err == nil {
		err = os.RemoveAll(folder)
	}
	if err != nil {
		return len(keys), fmt.Errorf("delete the session %s: %w", id, err)
	}
	return len(keys), nil
}

// frames returns the keys of a session's pictures.
func frames(s actor.Session) map[string]bool {
	keys := map[string]bool{}
	add := func(b contracts.Blob) {
		if b.Key != "" {
			keys[b.Key] = true
		}
	}
	for _, step := range s.Steps {
		add(step.Frame.Image)
	}
	if s.LastFrame != nil {
		add(s.LastFrame.Image)
	}
	return keys
}
