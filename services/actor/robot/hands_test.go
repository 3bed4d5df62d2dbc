package robot_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/xscreen"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/actortest"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
	"github.com/grokputer/grokputer/services/actor/robot"
)

// robotgo takes the display from the environment of the process, so all tests
// share one screen and none runs beside another.
func TestMain(m *testing.M) {
	s, err := xscreen.Start(context.Background(), xscreen.Options{WindowManager: true})
	if err != nil {
		panic(err)
	}
	for _, variable := range s.Env() {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent(), goleak.Cleanup(func(code int) {
		if err := s.Close(); err != nil {
			panic(err)
		}
		os.Exit(code)
	}))
}

// without names the parts of the shared tests that robotgo cannot pass, with the
// test here that says what it does instead.
var without = map[string]string{
	"ledger": "TestNoLedger",
	"resume": "TestNoLedger",
	"text":   "TestText",
}

func TestHands(t *testing.T) {
	var screen sync.Mutex
	actortest.Hands(t, func(t *testing.T) actortest.Desktop {
		_, part, _ := strings.Cut(t.Name(), "/")
		if instead, ok := without[part]; ok {
			t.Skipf("robotgo cannot do this: see %s", instead)
		}
		screen.Lock()
		t.Cleanup(screen.Unlock)
		w := window(t)
		return actortest.Desktop{
			Hands:    &robot.Hands{},
			Button:   w.Button(t),
			Area:     w.Area(t),
			Clicks:   func() int { return w.State(t).Clicks },
			Rights:   func() int { return w.State(t).Rights },
			Scrolled: func() int { return w.State(t).Scrolled },
			Text:     func() string { return w.State(t).Text },
			Keys:     func() []string { return w.State(t).Keys },
			Drags:    func() int { return len(w.State(t).Drags) },
			Moves:    func() int { return w.State(t).Moves },
			Doubles:  func() int { return w.State(t).Doubles },
			Held:     func() int { return w.State(t).Held },
			Focus: func(on bool) {
				if on {
					w.Focus(t)
				} else {
					w.Unfocus(t)
				}
			},
			Restarted: func() actor.Hands { return &robot.Hands{} },
		}
	})
}

func window(t *testing.T) *testwindow.Window {
	t.Helper()
	return testwindow.Open(t, os.Getenv("DISPLAY"), os.Getenv("XAUTHORITY"))
}

func ignore(int) error { return nil }

// Text arrives exactly, but for characters beyond the Basic Multilingual Plane:
// with one of them, none of it is typed.
func TestText(t *testing.T) {
	w, h := window(t), &robot.Hands{}
	var ascii strings.Builder
	for r := ' '; r <= '~'; r++ {
		ascii.WriteRune(r)
	}
	text := ascii.String() + "\n\täöüß éèç ñ €–— “q” … Привет ελ 你好 日本 ✓→ aAbBaA 99" //nolint:gosmopolitan // text of every kind
	strokes := 0
	err := h.Do(t.Context(), actor.Input{Verb: action.Type, Text: text}, func(n int) error { strokes = n; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := w.State(t).Text; got != text {
		t.Errorf("typed\n%q, want\n%q", got, text)
	}
	if want := len([]rune(text)); strokes != want {
		t.Errorf("%d strokes were reported, want %d", strokes, want)
	}
	for _, no := range []string{"a😀", "a\x00", "\x1b", "b\x7f", "�", "a\xff"} {
		err := h.Do(t.Context(), actor.Input{Verb: action.Type, Text: no}, ignore)
		if !errors.Is(err, actor.ErrCannotType) {
			t.Errorf("typing %q gave %v, want ErrCannotType", no, err)
		}
	}
	if got := w.State(t).Text; got != text {
		t.Errorf("text that cannot be typed was typed in part: %q", got)
	}
}

// Without a ledger nothing is known of input from before, and text that was begun
// before is not gone on with.
func TestNoLedger(t *testing.T) {
	w, h := window(t), &robot.Hands{}
	in := actor.Input{Mark: "1", Verb: action.Type, Text: "abc"}
	if err := h.Do(t.Context(), in, ignore); err != nil {
		t.Fatal(err)
	}
	if n, known, err := h.Sent(t.Context(), "1"); n != 0 || known || err != nil {
		t.Errorf("Sent is %d, %t, %v", n, known, err)
	}
	in.From = 2
	if err := h.Do(t.Context(), in, ignore); !errors.Is(err, actor.ErrFocusMoved) {
		t.Errorf("going on with text gave %v", err)
	}
	if got := w.State(t).Text; got != "abc" {
		t.Errorf("typed %q", got)
	}
}

// Typing ends when another window takes the focus.
func TestFocusMoved(t *testing.T) {
	first, h := window(t), &robot.Hands{}
	var second *testwindow.Window
	err := h.Do(t.Context(), actor.Input{Verb: action.Type, Text: "abcdef"}, func(n int) error {
		if n == 3 {
			second = window(t)
		}
		return nil
	})
	if !errors.Is(err, actor.ErrFocusMoved) {
		t.Errorf("typing gave %v", err)
	}
	if a, b := first.State(t).Text, second.State(t).Text; a != "abc" || b != "" {
		t.Errorf("typed %q, and %q into the other window", a, b)
	}
}

// A stop during the longest pause and during a drag ends input at once.
func TestStopInside(t *testing.T) {
	w, h := window(t), &robot.Hands{}
	for _, in := range []actor.Input{
		{Verb: action.Type, Text: "99"},
		{Verb: action.Drag, At: w.Area(t), To: w.Button(t)},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var stopped time.Time
		err := h.Do(ctx, in, func(int) error {
			stopped = time.Now()
			cancel()
			return nil
		})
		if took := time.Since(stopped); !errors.Is(err, context.Canceled) || took > 100*time.Millisecond {
			t.Errorf("%s: %v, %s after the stop", in.Verb, err, took)
		}
	}
	if err := h.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := w.State(t); s.Text != "9" || s.Held != 0 {
		t.Errorf("after the stops %q is typed and %d buttons are held", s.Text, s.Held)
	}
	if err := h.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := w.State(t); s.Held != 0 {
		t.Errorf("%d are held after nothing was let go", s.Held)
	}
}

// The wrong names press nothing.
func TestKeyNames(t *testing.T) {
	w, h := window(t), &robot.Hands{}
	for _, keys := range [][]string{nil, {"nokey"}, {"a", "b"}, {"ctrl", "é"}, {"+"}, {"menu"}} {
		err := h.Do(t.Context(), actor.Input{Verb: action.Key, Keys: keys}, ignore)
		if !errors.Is(err, actor.ErrCannotType) {
			t.Errorf("pressing %q gave %v", keys, err)
		}
	}
	for _, key := range action.NamedKeys() {
		if key == "menu" {
			continue // robotgo has it on Windows only
		}
		if err := h.Do(t.Context(), actor.Input{Verb: action.Key, Keys: []string{key}}, ignore); err != nil {
			t.Errorf("pressing %s: %v", key, err)
		}
	}
	if err := h.Do(t.Context(), actor.Input{Verb: action.Key, Keys: []string{"super", "e"}}, ignore); err != nil {
		t.Error(err)
	}
	// Enter, tab and space are text; the window tells others by their symbols.
	s := w.State(t)
	if s.Text != "\n\t " || len(s.Keys) != len(action.NamedKeys())-4+1 || s.Held != 0 {
		t.Errorf("the window was given %q and %q, %d held", s.Text, s.Keys, s.Held)
	}
	if last := s.Keys[len(s.Keys)-1]; last != "super+e" {
		t.Errorf("super+e came out as %s", last)
	}
}

// On a keyboard that robotgo would mistype on, nothing is typed.
func TestKeyboard(t *testing.T) {
	w, h := window(t), &robot.Hands{}
	wire, err := xwire.Dial(t.Context(), os.Getenv("DISPLAY"), "")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := xgb.NewConnNet(wire)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := xtest.Init(conn); err != nil {
		t.Fatal(err)
	}
	const capsLock, a = 66, 38 // keycodes of a PC keyboard
	press := func() {
		for _, kind := range []byte{xproto.KeyPress, xproto.KeyRelease} {
			if err := xtest.FakeInputChecked(conn, kind, capsLock, 0, 0, 0, 0, 0).Check(); err != nil {
				t.Fatal(err)
			}
		}
	}
	bind := func(plain, shifted xproto.Keysym) {
		if err := xproto.ChangeKeyboardMappingChecked(conn, 1, a, 2, []xproto.Keysym{plain, shifted}).Check(); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(why string) {
		t.Helper()
		err := h.Do(t.Context(), actor.Input{Verb: action.Type, Text: "abc"}, ignore)
		if !errors.Is(err, actor.ErrCannotType) || !strings.Contains(err.Error(), why) {
			t.Errorf("typing gave %v, want %q", err, why)
		}
	}
	press()
	refused("Caps Lock")
	press()
	bind('q', 'Q')
	refused("not a US one")
	bind('a', 'A')
	if err := h.Do(t.Context(), actor.Input{Verb: action.Type, Text: "abc"}, ignore); err != nil {
		t.Error(err)
	}
	if got := w.State(t).Text; got != "abc" {
		t.Errorf("typed %q, want abc", got)
	}
}

// With no display there is an error; the process outlives the X server and works
// on the next one.
func TestNoDisplay(t *testing.T) {
	s, h := kittest.Screen(t), &robot.Hands{}
	display, authority := os.Getenv("DISPLAY"), os.Getenv("XAUTHORITY")
	for _, variable := range s.Env() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	in := actor.Input{Verb: action.Hover, At: actor.Point{X: 5, Y: 5}}
	if err := h.Do(t.Context(), in, ignore); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{s.Display(), "", "nonsense"} {
		t.Setenv("DISPLAY", name)
		for what, err := range map[string]error{
			"Ready": h.Ready(t.Context()), "Do": h.Do(t.Context(), in, ignore), "Release": h.Release(t.Context()),
		} {
			if !errors.Is(err, actor.ErrNoDisplay) {
				t.Errorf("%s on display %q gave %v", what, name, err)
			}
		}
	}
	t.Setenv("DISPLAY", display)
	t.Setenv("XAUTHORITY", authority)
	if err := h.Do(t.Context(), in, ignore); err != nil {
		t.Error(err)
	}
}
