package kittest

import (
	"context"
	"testing"

	"github.com/grokputer/grokputer/kit/xscreen"
)

// Screen starts an X screen with a window manager, 1280x800.
func Screen(tb testing.TB) *xscreen.Screen {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	s, err := xscreen.Start(ctx, xscreen.Options{WindowManager: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}
