package xtest_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

func ignore(int) error { return nil }

// A display that is not there, or goes away, is an error and not the end.
func TestNoDisplay(t *testing.T) {
	t.Parallel()
	for display, want := range map[string]string{
		"nonsense": "not a display", ":x": "not a display", ":-1": "not a display", ":54321": "connect",
	} {
		if err := hands(t, xtest.Options{Display: display}).Ready(t.Context()); !errors.Is(err, actor.ErrNoDisplay) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Ready is %v", display, err)
		}
	}
}

func TestDisplayGoes(t *testing.T) {
	t.Parallel()
	s := kittest.Screen(t)
	var authority string
	for _, kv := range s.Env() {
		if file, ok := strings.CutPrefix(kv, "XAUTHORITY="); ok {
			authority = file
		}
	}
	h := hands(t, xtest.Options{Display: s.Display(), Authority: authority})
	if err := h.Do(t.Context(), actor.Input{Mark: "1", Verb: action.Hover}, ignore); err != nil {
		t.Fatal(err)
	}
	if n, known, err := h.Sent(t.Context(), "1"); n != 1 || !known || err != nil {
		t.Errorf("Sent is %d, %t, %v", n, known, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		h.Do(t.Context(), actor.Input{Mark: "2", Verb: action.Click}, ignore), h.Ready(t.Context()), h.Release(t.Context()),
	} {
		if !errors.Is(err, actor.ErrNoDisplay) {
			t.Errorf("on a display that is gone: %v", err)
		}
	}
}

// A new server knows nothing of what was done on the old one.
func TestNewServerKnowsNothing(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	h := hands(t, o)
	if n, known, err := h.Sent(t.Context(), "task.3"); n != 0 || known || err != nil {
		t.Errorf("Sent on a new server is %d, %t, %v", n, known, err)
	}
	// What is done from now on is known, also by the next process.
	if err := h.Do(t.Context(), actor.Input{Mark: "task.4", Verb: action.Hover}, ignore); err != nil {
		t.Fatal(err)
	}
	if n, known, err := hands(t, o).Sent(t.Context(), "task.5"); n != 0 || !known || err != nil {
		t.Errorf("Sent on a server that was used is %d, %t, %v", n, known, err)
	}
}

// A server that takes the connection and says nothing is not waited for.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	const firstPort = 6000 // of display 0
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	port := listener.Addr().(*net.TCPAddr).Port
	if port < firstPort {
		t.Skipf("port %d stands for no display", port)
	}
	h := hands(t, xtest.Options{Display: fmt.Sprintf("127.0.0.1:%d", port-firstPort), Patience: 100 * time.Millisecond})
	if err := h.Ready(t.Context()); !errors.Is(err, actor.ErrNoDisplay) {
		t.Errorf("Ready is %v", err)
	}
}

// Text goes into the window in which it began, and no other.
func TestFocusMoves(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	first := testwindow.Open(t, o.Display, o.Authority)
	second := testwindow.Open(t, o.Display, o.Authority)
	first.Focus(t)
	h := hands(t, o)
	err := h.Do(t.Context(), actor.Input{Mark: "1", Verb: action.Type, Text: "abcdef"}, func(n int) error {
		if n == 3 {
			second.Focus(t)
		}
		return nil
	})
	if !errors.Is(err, actor.ErrFocusMoved) || !strings.Contains(err.Error(), "after 3 of 6 characters") {
		t.Errorf("typing gave %v", err)
	}
	if a, b := first.State(t).Text, second.State(t).Text; a != "abc" || b != "" {
		t.Errorf("the windows were given %q and %q", a, b)
	}
	// Nor does a new process go on in another window.
	err = hands(t, o).Do(t.Context(), actor.Input{Mark: "1", Verb: action.Type, Text: "abcdef", From: 3}, ignore)
	if !errors.Is(err, actor.ErrFocusMoved) {
		t.Errorf("going on gave %v", err)
	}
}

// Caps Lock would turn the case of every letter.
func TestCapsLock(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	w := testwindow.Open(t, o.Display, o.Authority)
	h := hands(t, o)
	press(t, o, 0xffe5) // Caps_Lock
	err := h.Do(t.Context(), actor.Input{Mark: "1", Verb: action.Type, Text: "abc"}, ignore)
	if !errors.Is(err, actor.ErrCannotType) || !strings.Contains(err.Error(), "Caps Lock") {
		t.Errorf("typing gave %v", err)
	}
	press(t, o, 0xffe5)
	if err := h.Do(t.Context(), actor.Input{Mark: "2", Verb: action.Type, Text: "abc"}, ignore); err != nil {
		t.Fatal(err)
	}
	if got := w.State(t).Text; got != "abc" {
		t.Errorf("typed %q", got)
	}
}

// press presses a key as a person would, on a connection of its own.
func press(t *testing.T, o xtest.Options, sym xproto.Keysym) {
	t.Helper()
	wire, err := xwire.Dial(t.Context(), o.Display, o.Authority)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := xgb.NewConnNet(wire)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	tap(t, conn, sym)
}
