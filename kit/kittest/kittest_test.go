package kittest_test

import (
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEverythingStartsAndEndsWithItsTest(t *testing.T) {
	var authority string
	t.Run("in use", func(t *testing.T) {
		b := kittest.NATS(t)
		if err := b.Publish(t.Context(), contracts.SubjectTaskCancel(), contracts.TaskCancel{}); err != nil {
			t.Error(err)
		}
		if _, err := kittest.Blobs(t).Put(t.Context(), "k", []byte("x"), "text/plain"); err != nil {
			t.Error(err)
		}
		s := kittest.Screen(t)
		authority = strings.TrimPrefix(s.Env()[1], "XAUTHORITY=")
		if _, err := os.Stat(authority); err != nil {
			t.Error(err)
		}
	})
	if _, err := os.Stat(authority); !os.IsNotExist(err) {
		t.Errorf("the screen outlived its test: %v", err)
	}
}
