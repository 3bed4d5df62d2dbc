package x11_test

import (
	"errors"
	"image"
	"os"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/x11"
)

func TestMain(m *testing.M) { os.Exit(observertest.OnScreen(m)) }

// The tests share one screen: they come one after the other.

func TestDesk(t *testing.T) {
	observertest.Show(t, observertest.Shown{Title: "Überschrift", Box: image.Rect(100, 100, 400, 300)})
	d := x11.New("")
	t.Cleanup(d.Close)
	observertest.Desk(t, d, "Überschrift")
}

func TestOldTitle(t *testing.T) {
	observertest.Show(t, observertest.Shown{Title: "Über alt", Box: image.Rect(100, 100, 400, 300), Old: true})
	d := x11.New("")
	t.Cleanup(d.Close)
	observertest.Desk(t, d, "Über alt")
}

func TestStackingAndRoles(t *testing.T) {
	menu := image.Rect(120, 130, 220, 230)
	observertest.Show(t, observertest.Shown{Title: "below", Box: image.Rect(50, 50, 350, 250)})
	observertest.Show(t, observertest.Shown{Title: "above", Box: image.Rect(100, 100, 400, 300)})
	observertest.Show(t, observertest.Shown{Title: "menu", Box: menu, Type: "_NET_WM_WINDOW_TYPE_DROPDOWN_MENU"})
	observertest.Show(t, observertest.Shown{Title: "hint", Box: image.Rect(500, 500, 600, 520), Type: "_NET_WM_WINDOW_TYPE_TOOLTIP"})
	d := x11.New("")
	t.Cleanup(d.Close)
	windows, err := d.Windows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		title   string
		role    observer.Role
		focused bool
	}{
		{"hint", observer.RoleTooltip, false},
		{"menu", observer.RoleMenu, false},
		{"above", observer.RoleNormal, true},
		{"below", observer.RoleNormal, false},
	}
	if len(windows) != len(want) {
		t.Fatalf("got %+v, want %+v", windows, want)
	}
	for i, w := range want {
		if got := windows[i]; got.Title != w.title || got.Role != w.role || got.Focused != w.focused {
			t.Errorf("window %d is %+v, want %+v", i, got, w)
		}
	}
	if windows[1].Content != menu || windows[1].Frame != menu {
		t.Errorf("the menu is at %v, want %v", windows[1].Content, menu)
	}
	if w := windows[2]; w.Content.Size() != image.Pt(300, 200) || w.Frame == w.Content {
		t.Errorf("content %v in frame %v: want 300x200 within a decoration", w.Content, w.Frame)
	}
}

func TestNoScreen(t *testing.T) {
	if _, err := x11.New(":9999").Windows(t.Context()); !errors.Is(err, observer.ErrNoScreen) {
		t.Errorf("got %v, want %v", err, observer.ErrNoScreen)
	}
}
