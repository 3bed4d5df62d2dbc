package lm_test

import (
	"testing"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lmtest"
)

func tiny(t *testing.T, feedForward int) string {
	t.Helper()
	return lmtest.TinyModel(t, feedForward)
}

func open(t *testing.T, path string, opts lm.Options) *lm.Engine {
	t.Helper()
	e, err := lm.Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}
