// Package actortest holds the tests that every implementation of the actor's
// ports passes, simulated or real.
package actortest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/actor"
)

// Desktop is a place to try hands on: something that has a button at Button and
// takes text when it has the focus.
type Desktop struct {
	Hands  actor.Hands
	Button actor.Point
	Area   actor.Point
	// Clicks, Rights, Scrolled, Text, Keys and Drags are what arrived so far:
	// clicks and right clicks on the button, notches down less notches up,
	// characters, combinations such as ctrl+s, completed drags.
	Clicks, Rights, Scrolled func() int
	Text                     func() string
	Keys                     func() []string
	Drags                    func() int
	// Moves is how many places the pointer came by while it dragged, Doubles how
	// many double clicks arrived; both are nil where that cannot be told.
	Moves, Doubles func() int
	// Held is how many buttons and keys are pressed.
	Held func() int
	// Focus gives the keyboard focus, or takes it.
	Focus func(bool)
	// Restarted returns the hands of a new process on the same desktop.
	Restarted func() actor.Hands
}

func ignore(int) error { return nil }

// trial is one test on a desktop of its own.
type trial struct {
	*testing.T
	Desktop
}

// Hands runs the tests; desktop makes a fresh place for each.
func Hands(t *testing.T, desktop func(t *testing.T) Desktop) {
	t.Helper()
	for name, test := range map[string]func(trial){
		"pointer":  trial.pointer,
		"pointing": trial.pointing,
		"clicks":   trial.clicks,
		"keys":     trial.combinations,
		"text":     trial.text,
		"no focus": trial.noFocus,
		"stop":     trial.stop,
		"error":    trial.broken,
		"ledger":   trial.ledger,
		"resume":   trial.resume,
		"release":  trial.release,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := desktop(t)
			if err := d.Hands.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			test(trial{t, d})
		})
	}
}

func do(t *testing.T, h actor.Hands, in actor.Input) {
	t.Helper()
	strokes := in.From
	err := h.Do(t.Context(), in, func(n int) error {
		if strokes++; n != strokes {
			t.Errorf("stroke %d was reported as %d", strokes, n)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", in.Verb, err)
	}
	if strokes != in.Strokes() {
		t.Errorf("%s: %d strokes were reported of %d", in.Verb, strokes, in.Strokes())
	}
}

func (t trial) pointer() {
	d := t.Desktop
	do(t.T, d.Hands, actor.Input{Mark: "1", Verb: action.Click, At: d.Button})
	if got := d.Clicks(); got != 1 {
		t.Errorf("a click gave %d clicks", got)
	}
	if got, err := d.Hands.Pointer(t.Context()); err != nil || got != d.Button {
		t.Errorf("%v was clicked, and the pointer is at %v, %v", d.Button, got, err)
	}
	do(t.T, d.Hands, actor.Input{Mark: "2", Verb: action.DoubleClick, At: d.Button})
	if got := d.Clicks(); got != 3 {
		t.Errorf("a double click more gave %d clicks", got)
	}
	do(t.T, d.Hands, actor.Input{Mark: "3", Verb: action.RightClick, At: d.Button})
	if got := d.Rights(); got != 1 {
		t.Errorf("a right click gave %d", got)
	}
	do(t.T, d.Hands, actor.Input{Mark: "4", Verb: action.Hover, At: d.Area})
	do(t.T, d.Hands, actor.Input{Mark: "5", Verb: action.Scroll, At: d.Area, Down: true, N: 4})
	do(t.T, d.Hands, actor.Input{Mark: "6", Verb: action.Scroll, At: d.Area, N: 1})
	if got := d.Scrolled(); got != 3 {
		t.Errorf("scrolling 4 down and 1 up gave %d", got)
	}
	clicks := d.Clicks()
	do(t.T, d.Hands, actor.Input{Mark: "7", Verb: action.Drag, At: d.Area, To: d.Button})
	if got := d.Drags(); got != 1 {
		t.Errorf("a drag gave %d", got)
	}
	if d.Clicks() != clicks {
		t.Error("a drag to the button clicked it")
	}
	if d.Moves != nil && d.Moves() < 10 {
		t.Errorf("a drag came by %d places", d.Moves())
	}
	if got := d.Held(); got != 0 {
		t.Errorf("%d buttons are still held", got)
	}
}

// clicks tells two clicks from a double click.
func (t trial) clicks() {
	d := t.Desktop
	if d.Doubles == nil {
		t.Skip("a double click cannot be told from two clicks here")
	}
	doubles := func(want int, after string) {
		t.Helper()
		if got := d.Doubles(); got != want {
			t.Errorf("after %s there were %d double clicks, want %d", after, got, want)
		}
	}
	do(t.T, d.Hands, actor.Input{Mark: "1", Verb: action.DoubleClick, At: d.Button})
	doubles(1, "a double click")
	do(t.T, d.Hands, actor.Input{Mark: "2", Verb: action.Click, At: d.Button})
	do(t.T, d.Hands, actor.Input{Mark: "3", Verb: action.Click, At: d.Button})
	doubles(1, "two clicks more")
	do(t.T, d.Hands, actor.Input{Mark: "4", Verb: action.DoubleClick, At: d.Button})
	doubles(2, "another double click")
	if got := d.Clicks(); got != 6 {
		t.Errorf("%d clicks arrived of 6", got)
	}
}

// pointing moves the pointer about and reads its place back; none of that is a
// stroke.
func (t trial) pointing() {
	d := t.Desktop
	do(t.T, d.Hands, actor.Input{Mark: "1", Verb: action.Hover, At: d.Area})
	monitors, err := d.Hands.Monitors(t.Context())
	if err != nil || len(monitors) == 0 {
		t.Fatalf("the monitors are %v, %v", monitors, err)
	}
	for i, m := range monitors {
		if m.Number != i || m.Bounds.Empty() {
			t.Errorf("%d is %v", i, m)
		}
		for _, p := range []actor.Point{
			{X: m.Bounds.Min.X, Y: m.Bounds.Min.Y},
			{X: m.Bounds.Max.X - 1, Y: m.Bounds.Max.Y - 1},
			{X: m.Bounds.Min.X + 33, Y: m.Bounds.Max.Y - 21},
		} {
			if err := d.Hands.Move(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if got, err := d.Hands.Pointer(t.Context()); err != nil || got != p {
				t.Errorf("the pointer was sent to %v and is at %v, %v", p, got, err)
			}
		}
	}
	if n, known, err := d.Hands.Sent(t.Context(), "1"); err != nil || known && n != 1 {
		t.Errorf("after the pointer was moved, Sent is %d, %t, %v", n, known, err)
	}
}

func (t trial) combinations() {
	d := t.Desktop
	d.Focus(true)
	do(t.T, d.Hands, actor.Input{Mark: "1", Verb: action.Key, Keys: []string{"ctrl", "s"}})
	do(t.T, d.Hands, actor.Input{Mark: "2", Verb: action.Key, Keys: []string{"ctrl", "alt", "q"}})
	do(t.T, d.Hands, actor.Input{Mark: "3", Verb: action.Key, Keys: []string{"shift", "x"}})
	do(t.T, d.Hands, actor.Input{Mark: "4", Verb: action.Key, Keys: []string{"enter"}})
	if got, want := d.Keys(), []string{"ctrl+s", "ctrl+alt+q"}; !slices.Equal(got, want) {
		t.Errorf("the combinations were %q, want %q", got, want)
	}
	if got := d.Text(); got != "X\n" {
		t.Errorf("shift+x and enter typed %q", got)
	}
	if got := d.Held(); got != 0 {
		t.Errorf("%d keys are still held", got)
	}
}

// Everything is text that hands must type exactly: ASCII, then characters that
// no usual keyboard has.
func everything() string {
	ascii := make([]byte, 0, 95)
	for c := byte(' '); c <= '~'; c++ {
		ascii = append(ascii, c)
	}
	//nolint:gosmopolitan // other scripts are what is tried here
	return string(ascii) + "\n\täöüß éèç ñ €–— “q” … Привет, мир ελληνικά 你好 日本語 ✓→ 😀 aAbBaA"
}

func (t trial) text() {
	d := t.Desktop
	d.Focus(true)
	do(t.T, d.Hands, actor.Input{Mark: "1", Verb: action.Type, Text: everything()})
	if got, want := d.Text(), everything(); got != want {
		t.Errorf("typed\n%q, want\n%q", got, want)
	}
	for _, text := range []string{"a\x00", "\x1b", "b\x7f", "�"} {
		err := d.Hands.Do(t.Context(), actor.Input{Mark: "2", Verb: action.Type, Text: text}, ignore)
		if !errors.Is(err, actor.ErrCannotType) {
			t.Errorf("typing %q gave %v, want ErrCannotType", text, err)
		}
	}
	if got := d.Text(); got != everything() {
		t.Errorf("text that cannot be typed was typed in part: %q", got)
	}
}

func (t trial) noFocus() {
	d := t.Desktop
	d.Focus(false)
	for _, in := range []actor.Input{
		{Mark: "1", Verb: action.Type, Text: "lost"},
		{Mark: "2", Verb: action.Key, Keys: []string{"enter"}},
	} {
		if err := d.Hands.Do(t.Context(), in, ignore); !errors.Is(err, actor.ErrNoFocus) {
			t.Errorf("%s without focus gave %v", in.Verb, err)
		}
	}
	if got := d.Text(); got != "" {
		t.Errorf("text was typed: %q", got)
	}
}

// stop ends the context while a character is reported: no other follows.
func (t trial) stop() {
	d := t.Desktop
	d.Focus(true)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := d.Hands.Do(ctx, actor.Input{Mark: "1", Verb: action.Type, Text: "0123456789"}, func(n int) error {
		if n == 4 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped typing gave %v", err)
	}
	if got := d.Text(); got != "0123" {
		t.Errorf("typed %q, want 0123", got)
	}
	if err := d.Hands.Do(ctx, actor.Input{Mark: "2", Verb: action.Click, At: d.Button}, ignore); !errors.Is(err, context.Canceled) {
		t.Errorf("a click after the stop gave %v", err)
	}
	if got := d.Clicks(); got != 0 {
		t.Error("a click was done after the stop")
	}
}

func (t trial) broken() {
	d := t.Desktop
	d.Focus(true)
	broken := errors.New("the journal cannot be written")
	err := d.Hands.Do(t.Context(), actor.Input{Mark: "1", Verb: action.Type, Text: "abc"}, func(n int) error {
		if n == 2 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) {
		t.Errorf("an error from sent gave %v", err)
	}
	if got := d.Text(); got != "ab" {
		t.Errorf("typed %q, want ab", got)
	}
	for _, in := range []actor.Input{
		{Mark: "2", Verb: action.Type, Text: "abc", From: 4},
		{Mark: "3", Verb: action.Type, Text: "abc", From: -1},
		{Mark: "4", Verb: action.Wait},
	} {
		if err := d.Hands.Do(t.Context(), in, ignore); err == nil {
			t.Errorf("Do(%+v) was accepted", in)
		}
	}
}

func (t trial) ledger() {
	d := t.Desktop
	d.Focus(true)
	sent := func(h actor.Hands, mark string, want int) {
		t.Helper()
		n, known, err := h.Sent(t.Context(), mark)
		if err != nil || !known || n != want {
			t.Errorf("Sent(%q) is %d, %t, %v; want %d", mark, n, known, err, want)
		}
	}
	do(t.T, d.Hands, actor.Input{Mark: "first", Verb: action.Click, At: d.Button})
	sent(d.Hands, "first", 1)
	do(t.T, d.Hands, actor.Input{Mark: "second", Verb: action.Drag, At: d.Area, To: d.Button})
	after := d.Restarted()
	sent(after, "second", 2)
	sent(after, "third", 0)
	do(t.T, after, actor.Input{Mark: "third", Verb: action.Key, Keys: []string{"down"}})
	sent(after, "third", 1)
}

// resume cuts typing short and goes on with the hands of a new process.
func (t trial) resume() {
	d := t.Desktop
	d.Focus(true)
	in := actor.Input{Mark: "text", Verb: action.Type, Text: "aaaa bbbb € cccc"}
	crash := errors.New("crash")
	err := d.Hands.Do(t.Context(), in, func(n int) error {
		if n == 6 {
			return crash
		}
		return nil
	})
	if !errors.Is(err, crash) {
		t.Fatal(err)
	}
	after := d.Restarted()
	n, known, err := after.Sent(t.Context(), in.Mark)
	if err != nil || !known || n != 6 {
		t.Fatalf("Sent is %d, %t, %v; want 6", n, known, err)
	}
	in.From = n
	do(t.T, after, in)
	if got := d.Text(); got != in.Text {
		t.Errorf("typed %q, want %q", got, in.Text)
	}
	in.Mark = "other"
	if err := after.Do(t.Context(), in, ignore); !errors.Is(err, actor.ErrFocusMoved) {
		t.Errorf("going on with text that was never begun gave %v", err)
	}
}

// release cuts a drag short and lets go with the hands of a new process.
func (t trial) release() {
	d := t.Desktop
	crash := errors.New("crash")
	err := d.Hands.Do(t.Context(), actor.Input{Mark: "1", Verb: action.Drag, At: d.Area, To: d.Button}, func(int) error { return crash })
	if !errors.Is(err, crash) {
		t.Fatal(err)
	}
	if got := d.Held(); got != 1 {
		t.Fatalf("%d buttons are held in a drag", got)
	}
	if err := d.Restarted().Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := d.Held(); got != 0 {
		t.Errorf("%d buttons are held after Release", got)
	}
}
