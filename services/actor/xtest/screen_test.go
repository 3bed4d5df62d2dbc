package xtest_test

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

func TestMain(m *testing.M) {
	if runChild() {
		return
	}
	goleak.VerifyTestMain(m)
}

// screen starts an X screen with a window manager and says how to connect to it.
func screen(t *testing.T) (o xtest.Options, env []string) {
	t.Helper()
	s := kittest.Screen(t)
	for _, kv := range s.Env() {
		if file, ok := strings.CutPrefix(kv, "XAUTHORITY="); ok {
			o.Authority = file
		}
	}
	o.Display = s.Display()
	return o, s.Env()
}

// hands opens hands on a screen.
func hands(t *testing.T, o xtest.Options) *xtest.Hands {
	t.Helper()
	h := xtest.New(o)
	t.Cleanup(h.Close)
	return h
}
