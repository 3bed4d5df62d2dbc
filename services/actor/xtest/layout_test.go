package xtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

// layouts are keyboards on which a person may have left the desktop. With the last
// two groups of one the second is in use.
func layouts() map[string][]string {
	return map[string][]string{
		"us":    {"-layout", "us"},
		"de":    {"-layout", "de"},
		"fr":    {"-layout", "fr"},
		"ru":    {"-layout", "ru"},
		"us,ru": {"-layout", "us,ru", "-option", "grp:alt_shift_toggle"},
	}
}

// order is that in which the layouts are tried: each is chosen while the hands are
// connected.
func order() []string { return []string{"de", "fr", "us,ru", "ru", "us"} }

// scripts is text of many kinds: what AltGr gives on some keyboards, Cyrillic,
// letters with combining marks, text from right to left, emoji made of several
// characters.
const scripts = `Zyxwvq? "{[|~^\@#]}" <1234567890> Straße café €5 Съешь ещё этих мягких булок é̂ ñ שלום עולם مرحبا 👩‍💻 😀🇩🇪 …`

// choose sets the layout of a screen, and its second group where there are two.
func choose(t *testing.T, h *xtest.Hands, env []string, layout string) {
	t.Helper()
	for _, args := range [][]string{{"-option"}, layouts()[layout]} { // without an argument, -option clears what was set
		cmd := exec.Command("setxkbmap", args...)
		cmd.Env = append(os.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("setxkbmap %v: %v: %s (apt-get install x11-xkb-utils)", args, err, out)
		}
	}
	if strings.Contains(layout, ",") {
		chord(t, h, "alt", "shift")
	}
}

func chord(t *testing.T, h *xtest.Hands, keys ...string) {
	t.Helper()
	in := actor.Input{Mark: strings.Join(keys, "+"), Verb: action.Key, Keys: keys}
	if err := h.Do(t.Context(), in, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, h *xtest.Hands, text string) {
	t.Helper()
	in := actor.Input{Mark: text, Verb: action.Type, Text: text}
	if err := h.Do(t.Context(), in, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// Text and combinations arrive as they were meant on every keyboard.
func TestLayouts(t *testing.T) {
	t.Parallel()
	o, env := screen(t)
	o.Typing = xtest.TypingKeys // the test window has no clipboard
	h := hands(t, o)
	for _, layout := range order() {
		if strings.Contains(layout, ",") {
			continue // a program that does not know the X Keyboard Extension, as this one, is not told of groups
		}
		w := testwindow.Open(t, o.Display, o.Authority)
		choose(t, h, env, layout)
		before := len(w.State(t).Keys) // the keys that change the group
		write(t, h, scripts)
		chord(t, h, "ctrl", "s")
		chord(t, h, "ctrl", "1")
		s := w.State(t)
		if s.Text != scripts {
			t.Errorf("%s: typed\n%q, want\n%q", layout, s.Text, scripts)
		}
		if got := strings.Join(s.Keys[before:], " "); got != "ctrl+s ctrl+1" {
			t.Errorf("%s: the combinations were %q", layout, got)
		}
		w.Unfocus(t)
	}
}

// few is text with fewer characters that are on no key of one of the layouts than
// can be lent one.
const few = "Zyxwvq? <1234567890> Съешь ещё мягких é̂ 😀"

// A real program has it, too: by keys where they suffice, from the clipboard else.
func TestLayoutsInMousepad(t *testing.T) {
	t.Parallel()
	o, env := screen(t)
	h := hands(t, o)
	file := editor(t, h, env)
	var want strings.Builder
	for _, layout := range order() {
		choose(t, h, env, layout)
		write(t, h, few+"\n")
		write(t, h, scripts+"\n")
		want.WriteString(few + "\n" + scripts + "\n")
		saved(t, h, file, want.String()) // a program that is behind would take the keys for those of the next layout
	}
}

// editor opens mousepad on an empty file and returns the file's name.
func editor(t *testing.T, h *xtest.Hands, env []string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	program(t, env, "mousepad", "--disable-server", file)
	kittest.Await(t, "mousepad has the focus", func() bool {
		in := actor.Input{Mark: "probe", Verb: action.Key, Keys: []string{"ctrl", "home"}}
		return h.Do(t.Context(), in, func(int) error { return nil }) == nil
	})
	return file
}

// saved has the editor save its file until that holds a text, apart from line ends
// at its end: a program takes a while to paste.
func saved(t *testing.T, h *xtest.Hands, file, want string) {
	t.Helper()
	trim := func(s string) string { return strings.TrimRight(s, "\n") }
	var got string
	ok := func() bool {
		chord(t, h, "ctrl", "s")
		body, err := os.ReadFile(file)
		got = string(body)
		return err == nil && trim(got) == trim(want)
	}
	const most = 20 * time.Second
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(most); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Fatalf("saved %d bytes, want %d; from byte %d on it is %.80q, want %.80q", len(got), len(want), at, got[at:], want[at:])
		}
	}
}
