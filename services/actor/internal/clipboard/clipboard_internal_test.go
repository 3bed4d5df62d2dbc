package clipboard

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/xscreen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const enough = 20 * time.Second // far more than a transfer takes

// screen is one without a window manager: nobody has the focus, so anybody may
// fetch what is pasted.
func screen(t *testing.T) *xscreen.Screen {
	t.Helper()
	s, err := xscreen.Start(t.Context(), xscreen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func open(t *testing.T, s *xscreen.Screen) *Clipboard {
	t.Helper()
	authority, _ := strings.CutPrefix(s.Env()[1], "XAUTHORITY=")
	c, err := Open(t.Context(), s.Display(), authority)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// picture is a form of another kind, larger than a request of the X protocol.
func picture(t *testing.T, c *Clipboard) (xproto.Atom, form) {
	t.Helper()
	png, err := c.atom("image/png")
	if err != nil {
		t.Fatal(err)
	}
	return png, form{png, 8, bytes.Repeat([]byte("grokputer"), 100_000)}
}

// equal compares what is on the clipboard with what should be.
func equal(t *testing.T, got, want content) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d forms are on the clipboard, want %d", len(got), len(want))
	}
	for target, w := range want {
		if g := got[target]; g.kind != w.kind || g.format != w.format || !bytes.Equal(g.data, w.data) {
			t.Errorf("form %d has type %d, format %d and %d bytes; want %d, %d, %d", target, g.kind, g.format, len(g.data), w.kind, w.format, len(w.data))
		}
	}
}

// What was on the clipboard is there again after a text was pasted, in every form,
// whoever had put it there.
func TestPasteGivesBack(t *testing.T) {
	t.Parallel()
	s := screen(t)
	hands, other, reader := open(t, s), open(t, s), open(t, s)
	before := other.written("before, café")
	target, image := picture(t, other)
	before[target] = image
	if err := other.hold(before); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"pasted", strings.Repeat("длинный ", 40_000)} {
		err := hands.Paste(t.Context(), text, enough, func() error {
			f, err := reader.fetch(t.Context(), reader.atoms.utf8)
			if string(f.data) != text {
				t.Errorf("%d bytes were pasted, want %d", len(f.data), len(text))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := reader.save(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, got, before)
	}
}

// An empty clipboard is empty afterwards.
func TestPasteOnNothing(t *testing.T) {
	t.Parallel()
	s := screen(t)
	hands, reader := open(t, s), open(t, s)
	err := hands.Paste(t.Context(), "pasted", enough, func() error {
		_, err := reader.fetch(t.Context(), reader.atoms.plainUTF8)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := reader.save(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("there is %v, %v", got, err)
	}
}

// What nobody fetches is not left on the clipboard, nor after a stop.
func TestPasteNotTaken(t *testing.T) {
	t.Parallel()
	s := screen(t)
	hands, other := open(t, s), open(t, s)
	before := other.written("before")
	if err := other.hold(before); err != nil {
		t.Fatal(err)
	}
	err := hands.Paste(t.Context(), "text", 50*time.Millisecond, func() error { return nil })
	if !errors.Is(err, ErrNotTaken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = hands.Paste(ctx, "text", enough, func() error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	got, err := other.save(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, before)
}

// Another program that copies something afterwards has the clipboard.
func TestCopiedAfterwards(t *testing.T) {
	t.Parallel()
	s := screen(t)
	hands, other, reader := open(t, s), open(t, s), open(t, s)
	for _, text := range []string{"one", "two"} {
		if err := other.hold(other.written(text)); err != nil {
			t.Fatal(err)
		}
		err := hands.Paste(t.Context(), "pasted", enough, func() error {
			_, err := reader.fetch(t.Context(), reader.atoms.utf8)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := reader.fetch(t.Context(), reader.atoms.utf8); err != nil || string(f.data) != text {
			t.Errorf("got %q, %v, want %q", f.data, err, text)
		}
	}
}
