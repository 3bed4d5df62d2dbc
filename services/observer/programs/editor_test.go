package programs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/screen"
)

func TestEditor(t *testing.T) {
	b := newBench(t)
	b.start("Mousepad", "mousepad", "--disable-server")
	s := b.look()
	if want := []string{"File", "Edit", "Search", "View", "Document", "Help"}; !cmp.Equal(texts(s, screen.Menu), want) {
		t.Errorf("the menu bar is %q, want %q", texts(s, screen.Menu), want)
	}
	b.field("")
	if s.Title != "Untitled 1 - Mousepad" {
		t.Errorf("the title is %q", s.Title)
	}
	b.input("type", "--delay", "40", "hello world")
	b.field("hello world")
	b.input("key", "--delay", "40", "Return", "Return")
	b.input("type", "--delay", "40", "the quick brown fox 42")
	b.field("hello world\n\nthe quick brown fox 42")
	b.input("key", "ctrl+a")
	b.field("hello world\n\nthe quick brown fox 42")
}

// field fails unless the only field holds a text.
func (b bench) field(want string) {
	b.Helper()
	if got := texts(b.look(), screen.Field); len(got) != 1 || got[0] != want {
		b.Errorf("the fields hold %q, want %q", got, want)
	}
}

func TestEditorDialogs(t *testing.T) {
	b := newBench(t)
	b.start("Mousepad", "mousepad", "--disable-server")
	b.input("key", "ctrl+r")
	b.await("Find and Replace")
	b.has(b.look(), `text "Search for:"`, `field ""`, `text "Replace with:"`, `text "Search direction:"`,
		`button "Down"`, `check "Wrap around"`, `check "Match case"`, `check "Match whole word"`,
		`check "Regular expression"`, `button "Find"`, `button "Replace"`, `button "Close"`)
	b.input("key", "Escape")
	b.await("Untitled 1")
	b.input("key", "ctrl+shift+s")
	b.await("Save As")
	b.has(b.look(), `text "Name:"`, `button "Cancel"`, `button "Save"`)
	b.input("key", "Escape")
	b.await("Untitled 1")
	b.input("key", "alt+e")
	b.has(b.look(), `menu "Undo"`, `menu "Cut"`, `menu "Copy"`, `menu "Paste"`, `menu "Select All"`, `menu "Preferences..."`)
}

// TestExactness types nothing: the editor shows a file, and every line of it is
// compared with what is read.
func TestExactness(t *testing.T) {
	b := newBench(t)
	const perScreen = 30
	for name, test := range map[string]struct {
		lines []string
		least float64 // of the lines must be exact
	}{
		"sentences": {sentences(2 * perScreen), 0.96},
		"as typed":  {typed(2 * perScreen), 0.95},
		"random":    {tokens(2 * perScreen), 0.7},
	} {
		exact := 0
		for i := range 2 {
			lines := test.lines[i*perScreen:][:perScreen]
			exact += b.exact(fmt.Sprintf("%s%d", name, i), lines)
		}
		rate := float64(exact) / float64(len(test.lines))
		t.Logf("%s: %d of %d lines exact", name, exact, len(test.lines))
		if rate < test.least {
			t.Errorf("%s: %.2f of the lines are exact, want %.2f", name, rate, test.least)
		}
	}
}

// exact shows lines in the editor and counts those that are read exactly.
func (b bench) exact(name string, lines []string) int {
	b.Helper()
	n := 0
	b.Run(name, func(t *testing.T) {
		b := bench{t, b.eyes, b.desk}
		file := filepath.Join(t.TempDir(), "lines.txt")
		if err := os.WriteFile(file, []byte(join(lines)), 0o600); err != nil {
			t.Fatal(err)
		}
		b.start("lines.txt", "mousepad", "--disable-server", file)
		b.input("getactivewindow", "windowsize", "--sync", "900", "740", "windowmove", "--sync", "10", "10")
		fields := texts(b.look(), screen.Field)
		if len(fields) != 1 {
			t.Fatalf("there are %d fields, want one", len(fields))
		}
		got := split(fields[0])
		if len(got) != len(lines) {
			t.Errorf("%d lines were read, want %d", len(got), len(lines))
		}
		for i := range min(len(got), len(lines)) {
			if got[i] == lines[i] {
				n++
			} else {
				t.Logf("read %q for %q", got[i], lines[i])
			}
		}
	})
	return n
}
