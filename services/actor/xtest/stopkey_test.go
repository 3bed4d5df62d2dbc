package xtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	xgbtest "github.com/jezek/xgb/xtest"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

// Key codes of Xvfb's keyboard.
const (
	codeEscape       = 9
	codeRightControl = 105
	codeQ            = 24
)

// person presses keys as another client than the hands.
type person struct {
	t    *testing.T
	conn *xgb.Conn
}

func sit(t *testing.T, o xtest.Options) person {
	t.Helper()
	wire, err := xwire.Dial(t.Context(), o.Display, o.Authority)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := xgb.NewConnNet(wire)
	if err == nil {
		err = xgbtest.Init(conn)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return person{t, conn}
}

func (p person) send(kind byte, codes ...byte) {
	p.t.Helper()
	root := xproto.Setup(p.conn).DefaultScreen(p.conn).Root
	for _, code := range codes {
		if err := xgbtest.FakeInputChecked(p.conn, kind, code, xproto.TimeCurrentTime, root, 0, 0, 0).Check(); err != nil {
			p.t.Fatal(err)
		}
	}
}

// watchKey returns a channel that gets a value each time the keys were held.
func watchKey(t *testing.T, o xtest.Options, hold time.Duration, keys ...string) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	told, ended := make(chan struct{}, 100), make(chan struct{})
	go func() {
		defer close(ended)
		xtest.NewStopKey(o, keys, hold).Watch(ctx, func() { told <- struct{}{} })
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return told
}

// Whoever has the focus, or nobody: a key that is held is seen, and once.
func TestStopKey(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	p := sit(t, o)
	told, later := watchKey(t, o, 50*time.Millisecond, "escape"), watchKey(t, o, xtest.DefaultHold, "escape")
	p.send(xproto.KeyPress, codeEscape)
	<-told
	<-later
	p.send(xproto.KeyRelease, codeEscape)
	if len(told) > 0 {
		t.Error("one hold was told of twice")
	}
}

// A combination takes all of its keys, on either side of the keyboard.
func TestStopKeyCombination(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	p := sit(t, o)
	q, both := watchKey(t, o, time.Millisecond, "q"), watchKey(t, o, 50*time.Millisecond, "ctrl", "q")
	p.send(xproto.KeyPress, codeQ)
	<-q
	select {
	case <-both:
		t.Error("one key of two was taken for both")
	default:
	}
	p.send(xproto.KeyPress, codeRightControl)
	<-both
	p.send(xproto.KeyRelease, codeRightControl, codeQ)
}

// What the hands press themselves is no person's hold, however often they do.
func TestStopKeyIgnoresTheHands(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	testwindow.Open(t, o.Display, o.Authority)
	h := hands(t, o)
	told := watchKey(t, o, xtest.DefaultHold, "escape")
	for begun := time.Now(); time.Since(begun) < 3*xtest.DefaultHold; {
		if err := h.Do(t.Context(), actor.Input{Mark: "m", Verb: action.Key, Keys: []string{"escape"}}, func(int) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-told:
		t.Error("the hands' own keys were taken for a person's")
	default:
	}
}

// The display is not told that there is a ledger by who only watches.
func TestStopKeyKeepsNoLedger(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	p := sit(t, o)
	told := watchKey(t, o, time.Millisecond, "escape")
	p.send(xproto.KeyPress, codeEscape)
	<-told
	p.send(xproto.KeyRelease, codeEscape)
	if _, known, err := hands(t, o).Sent(t.Context(), "m"); err != nil || known {
		t.Errorf("the ledger of a display that had none is known: %t, %v", known, err)
	}
}
