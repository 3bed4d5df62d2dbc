package xidle_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/trainer/xidle"
)

func TestIdle(t *testing.T) { //nolint:paralleltest // it sets XAUTHORITY
	s := kittest.Screen(t)
	for _, v := range s.Env() {
		if key, value, ok := strings.Cut(v, "="); ok {
			t.Setenv(key, value)
		}
	}
	d := xidle.Desk{Display: s.Display()}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	idle := func() time.Duration {
		got, err := d.Idle(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for idle() < 200*time.Millisecond { // nobody touches anything
		continue
	}
	x, err := xgb.NewConnDisplay(s.Display())
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := xtest.Init(x); err != nil {
		t.Fatal(err)
	}
	root := xproto.Setup(x).DefaultScreen(x).Root
	before := time.Now()
	if err := xtest.FakeInputChecked(x, xproto.MotionNotify, 0, 0, root, 7, 9, 0).Check(); err != nil {
		t.Fatal(err)
	}
	const tick = 2 * time.Millisecond // the display counts in whole milliseconds
	if got := idle(); got > time.Since(before)+tick {
		t.Errorf("idle for %s right after the pointer moved", got)
	}
}

func TestNoDisplay(t *testing.T) {
	t.Parallel()
	if idle, err := (xidle.Desk{Display: ":9999"}).Idle(t.Context()); err == nil {
		t.Errorf("a display that is not there is idle for %s", idle)
	}
}
