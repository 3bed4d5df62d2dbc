package filelock_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/filelock"
)

func TestTake(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "a.lock")
	first, err := filelock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if held, err := filelock.Held(path); err != nil || !held {
		t.Fatalf("Held = %v, %v; want true", held, err)
	}
	if _, err := filelock.Take(path); !errors.Is(err, filelock.ErrHeld) {
		t.Fatalf("a second Take = %v; want ErrHeld", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if held, err := filelock.Held(path); err != nil || held {
		t.Fatalf("Held after Release = %v, %v; want false", held, err)
	}
	second, err := filelock.Take(path)
	if err != nil {
		t.Fatalf("Take after Release: %v", err)
	}
	if err := second.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestHeldOfNothing(t *testing.T) {
	t.Parallel()
	if held, err := filelock.Held(filepath.Join(t.TempDir(), "none")); err != nil || held {
		t.Fatalf("Held = %v, %v; want false", held, err)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.lock")
	first, err := filelock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := filelock.Wait(cancelled, path); !errors.Is(err, context.Canceled) {
		t.Fatalf("Wait with an ended context = %v; want context.Canceled", err)
	}
	got := make(chan error, 1)
	go func() {
		l, err := filelock.Wait(t.Context(), path)
		if err == nil {
			err = l.Release()
		}
		got <- err
	}()
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Fatalf("Wait: %v", err)
	}
}
