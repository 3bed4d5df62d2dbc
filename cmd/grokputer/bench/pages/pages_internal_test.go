package pages

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/starter/web"
)

func seen(kind screen.Kind, text string, x, y int) screen.Element {
	return screen.Element{Kind: kind, Text: text, Box: screen.Box{X: x, Y: y, W: 40, H: 20}}
}

func control(kind, name string) web.Control {
	return web.Control{Kind: kind, Name: name, Right: 60, Bottom: 30}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		control web.Control
		seen    []screen.Element
		want    int
		why     string
	}{
		"seen":                     {control("button", "Log in"), []screen.Element{seen(screen.Text, "Hello", 0, 50), seen(screen.Button, "Log in", 5, 5)}, 1, ""},
		"one letter wrong":         {control("button", "Log in"), []screen.Element{seen(screen.Button, "Lag in", 5, 5)}, 0, ""},
		"dots are not read":        {control("button", "Plus…"), []screen.Element{seen(screen.Button, "Plus...", 5, 5)}, 0, ""},
		"another name":             {control("button", "Log in"), []screen.Element{seen(screen.Button, "Cancel", 5, 5)}, -1, "name misread"},
		"elsewhere":                {control("button", "Log in"), []screen.Element{seen(screen.Button, "Log in", 200, 5)}, -1, "nothing seen there"},
		"a field as a button":      {control("field", ""), []screen.Element{seen(screen.Button, "", 5, 5)}, -1, "seen as button"},
		"the likelier kind":        {control("check", "Milk"), []screen.Element{seen(screen.Text, "Milk", 15, 5), seen(screen.Check, "", 0, 5)}, 1, ""},
		"a sign by its picture":    {control("icon", "+"), []screen.Element{seen(screen.Icon, "add", 5, 5)}, 0, ""},
		"a sign that says a word":  {control("icon", "+"), []screen.Element{seen(screen.Icon, "Zoom", 5, 5)}, -1, "name misread"},
		"a word by a picture":      {control("icon", "More"), []screen.Element{seen(screen.Icon, "add", 5, 5)}, -1, "name misread"},
		"an icon without a name":   {control("icon", ""), []screen.Element{seen(screen.Icon, "delete", 5, 5)}, 0, ""},
		"a field says what it may": {control("field", ""), []screen.Element{seen(screen.Field, "typed", 5, 5)}, 0, ""},
	} {
		if got, why := find(c.control, c.seen); got != c.want || why != c.why {
			t.Errorf("%s: element %d, %q; want %d, %q", name, got, why, c.want, c.why)
		}
	}
}

func TestOption(t *testing.T) {
	t.Parallel()
	list := control("list", "")
	one := []screen.Element{seen(screen.Field, "Blue", 5, 5), seen(screen.Menu, "Red", 5, 40), seen(screen.Menu, "Blue", 5, 70)}
	if got := option("Blue", list, one); got != 2 {
		t.Errorf("the entry is element %d", got)
	}
	if got := option("Green", list, one); got != -1 {
		t.Errorf("an entry that is not there is element %d", got)
	}
	if got := option("Blue", list, append(one, seen(screen.Text, "blue", 5, 200))); got != -1 {
		t.Errorf("one of two is element %d", got)
	}
}

func TestStands(t *testing.T) {
	t.Parallel()
	lines := []screen.Element{seen(screen.Text, "The quick brown", 0, 0), seen(screen.Text, "fox jumps.", 0, 20)}
	for text, want := range map[string]bool{"The quick brown fox jumps.": true, "fox": true, "Fox": false, "brown jumps": false, "ox": false} {
		if got := stands(text, lines); got != want {
			t.Errorf("%q stands there: %v", text, got)
		}
	}
}

// A line that a killed recording did not finish is dropped, and its number drawn again.
func TestLogGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions")
	log, err := OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(log.Add(Recorded{Number: 4, Family: "word"}), log.Close()); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteString(`{"number":5,"fam`)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	if log, err = OpenLog(path); err != nil {
		t.Fatal(err)
	}
	if log.Next() != 5 || len(log.All()) != 1 {
		t.Errorf("next is %d after %+v", log.Next(), log.All())
	}
	if err := errors.Join(log.Add(Recorded{Number: 5}), log.Close()); err != nil {
		t.Fatal(err)
	}
	if log, err = OpenLog(path); err != nil || len(log.All()) != 2 || log.Next() != 6 {
		t.Errorf("%+v, %v", log, err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}
