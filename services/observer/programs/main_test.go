package programs_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/ppocr"
	"github.com/grokputer/grokputer/services/observer/x11"
	"github.com/grokputer/grokputer/services/observer/xshot"
)

func TestMain(m *testing.M) { os.Exit(observertest.OnScreen(m)) }

// patience is how long a program may take to show itself.
const patience = 20 * time.Second

// stillness is how long nothing must move before a screen is read.
const stillness = 300 * time.Millisecond

// bench is a screen with eyes on it.
type bench struct {
	*testing.T

	eyes *observer.Eyes
	desk *x11.Desk
}

func newBench(t *testing.T) bench {
	t.Helper()
	if testing.Short() {
		t.Skip("real programs take seconds")
	}
	// What a user gets who sets nothing.
	models := observertest.Models(t, ppocr.RuntimeFile, ppocr.RecognitionFile)
	reader, err := readers.Only(readers.Settings{Reader: readers.PPOCR, Models: models}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	desk := x11.New("")
	t.Cleanup(desk.Close)
	t.Cleanup(reader.Close)
	return bench{t, observer.NewEyes(xshot.New(0), desk, layout.New(), reader), desk}
}

// start starts a program in a home of its own, and waits until a window whose
// title contains a word has the focus. It ends with the test.
func (b bench) start(title string, command ...string) {
	b.Helper()
	path, err := exec.LookPath(command[0])
	if err != nil {
		b.Fatalf("%v: install %s (apt-get install %s)", err, command[0], command[0])
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, command[1:]...)
	cmd.Env = append(os.Environ(), "HOME="+b.TempDir(), "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME=",
		"GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=1", "LC_ALL=C.UTF-8", "GTK_THEME=Adwaita")
	if err := cmd.Start(); err != nil {
		cancel()
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed
		b.until("no window is left", func(w []observer.Window) bool { return len(w) == 0 })
	})
	b.await(title)
	// Away from what it would highlight.
	b.input("mousemove", strconv.Itoa(observertest.ScreenWidth-1), strconv.Itoa(observertest.ScreenHeight-1))
}

// await waits until a window whose title contains a word has the focus.
func (b bench) await(title string) {
	b.Helper()
	b.until(fmt.Sprintf("%q has the focus", title), func(w []observer.Window) bool {
		return strings.Contains(observer.Focused(w), title)
	})
}

func (b bench) until(what string, done func([]observer.Window) bool) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		windows, err := b.desk.Windows(ctx)
		if err == nil && done(windows) {
			return
		}
		select {
		case <-ctx.Done():
			b.Fatalf("waited %s until %s: %v, %v", patience, what, windows, err)
		case <-tick.C:
		}
	}
}

// input has xdotool type or press keys.
func (b bench) input(args ...string) {
	b.Helper()
	if out, err := exec.CommandContext(b.Context(), "xdotool", args...).CombinedOutput(); err != nil {
		b.Fatalf("xdotool %v: %v: %s (apt-get install xdotool)", args, err, out)
	}
}

// look reads the screen when nothing moves any more.
func (b bench) look() screen.Screen {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	if err := b.eyes.Settle(ctx, stillness); err != nil {
		b.Fatal(err)
	}
	c, s, err := b.eyes.Look(ctx)
	if err != nil {
		b.Fatal(err)
	}
	b.keep(c, s)
	return s
}

// keep writes what was seen last under a title to the test's artifacts (go test
// -artifacts).
func (b bench) keep(c observer.Capture, s screen.Screen) {
	b.Helper()
	title := strings.Map(func(r rune) rune {
		if r == '/' || r == '*' {
			return '_'
		}
		return r
	}, s.Title)
	for name, picture := range map[string]image.Image{"screen.png": c.Image, "seen.png": observer.Annotate(c.Image, s)} {
		f, err := os.Create(filepath.Join(b.ArtifactDir(), title+" "+name))
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, picture), f.Close()); err != nil {
			b.Fatal(err)
		}
	}
}

// texts are the texts of a kind, in reading order.
func texts(s screen.Screen, kind screen.Kind) []string {
	var found []string
	for _, e := range s.Elements {
		if e.Kind == kind {
			found = append(found, e.Text)
		}
	}
	return found
}

// has fails unless all elements are there; each is written kind "text".
func (b bench) has(s screen.Screen, want ...string) {
	b.Helper()
	var all []string
	for _, e := range s.Elements {
		all = append(all, screen.Target{Kind: e.Kind, Text: e.Text}.String())
	}
	for _, w := range want {
		if !slices.Contains(all, w) {
			b.Errorf("there is no %s among\n%s", w, strings.Join(all, "\n"))
		}
	}
}
