package xtest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

// A text that is pasted arrives whole, and what was on the clipboard before can be
// pasted after it.
func TestPaste(t *testing.T) {
	t.Parallel()
	o, env := screen(t)
	o.Typing = xtest.TypingClipboard
	h := hands(t, o)
	file := editor(t, h, env)
	keys := o
	keys.Typing = xtest.TypingKeys
	plain := hands(t, keys)
	write(t, plain, "copied before")
	chord(t, h, "ctrl", "a")
	chord(t, h, "ctrl", "c")
	copied(t, o)
	chord(t, h, "end")
	long := strings.Repeat(scripts, 10)
	strokes := 0
	text := "\nfirst " + scripts + "\n\tlast " + long + "\n"
	err := h.Do(t.Context(), actor.Input{Mark: "long", Verb: action.Type, Text: text}, func(n int) error {
		strokes = n
		return nil
	})
	if want := len([]rune(text)); err != nil || strokes != want {
		t.Fatalf("%d strokes were reported of %d: %v", strokes, want, err)
	}
	if n, known, err := h.Sent(t.Context(), "long"); n != strokes || !known || err != nil {
		t.Errorf("Sent is %d, %t, %v", n, known, err)
	}
	chord(t, h, "ctrl", "v")
	saved(t, h, file, "copied before"+text+"copied before")
}

// copied waits until a program has put something on the clipboard.
func copied(t *testing.T, o xtest.Options) {
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
	const name = "CLIPBOARD"
	atom, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	kittest.Await(t, "something is copied", func() bool {
		owner, err := xproto.GetSelectionOwner(conn, atom.Atom).Reply()
		return err == nil && owner.Owner != xproto.WindowNone
	})
}

// By itself only a text with too many characters for the keyboard is pasted.
func TestPastesWhatKeysCannot(t *testing.T) {
	t.Parallel()
	o, env := screen(t)
	h := hands(t, o)
	file := editor(t, h, env)
	var many strings.Builder
	for r := rune(0x4e00); r < 0x4e00+400; r++ { // far more than any keyboard has keys
		many.WriteRune(r)
	}
	write(t, h, "keys\n"+many.String())
	saved(t, h, file, "keys\n"+many.String())
}

// With a program that does not paste the text is not taken for typed.
func TestNotPasted(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	o.Typing = xtest.TypingClipboard
	h := hands(t, o)
	w := testwindow.Open(t, o.Display, o.Authority)
	err := h.Do(t.Context(), actor.Input{Mark: "1", Verb: action.Type, Text: "lost"}, func(int) error { return nil })
	if !errors.Is(err, actor.ErrCannotType) || !strings.Contains(err.Error(), "clipboard") {
		t.Errorf("got %v", err)
	}
	if n, known, err := h.Sent(t.Context(), "1"); n != 0 || known || err != nil {
		t.Errorf("Sent is %d, %t, %v: the text may be pasted yet", n, known, err)
	}
	if got := w.State(t).Keys; len(got) != 1 || got[0] != "ctrl+v" {
		t.Errorf("the window was given %q", got)
	}
}

// Without that setting it is typed then.
func TestTypedInstead(t *testing.T) {
	t.Parallel()
	o, _ := screen(t)
	h := hands(t, o)
	w := testwindow.Open(t, o.Display, o.Authority)
	write(t, h, scripts)
	if s := w.State(t); s.Text != scripts || len(s.Keys) != 1 || s.Keys[0] != "ctrl+v" {
		t.Errorf("typed %q after %q", s.Text, s.Keys)
	}
}
