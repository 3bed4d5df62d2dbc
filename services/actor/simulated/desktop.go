// Package simulated is a desktop in memory, with hands, eyes, applications and
// a vault that work on it: what the actor's tests run on where no screen is.
package simulated

import (
	"image"
	"maps"
	"slices"
	"sync"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
)

// Desktop is a screen with one window. It outlives the hands that work on it,
// as an X server outlives its clients. It is safe for concurrent use.
type Desktop struct {
	mu       sync.Mutex
	screen   screen.Screen
	focus    int // index of the element that takes text; -1: none
	state    State
	held     map[string]bool
	mark     string // the ledger
	sent     int
	forgets  bool
	off      bool
	pictures map[string][]byte
	spinner  image.Rectangle // in pixels
	turns    int
	windows  int
	monitor  image.Rectangle // in the pointer's coordinates
	pointer  actor.Point
	drift    actor.Point
	onClick  func(*screen.Screen, screen.Element)
	onInput  func(actor.Input)
}

// State is what the desktop was given.
type State struct {
	Clicks   map[string]int // by the label of the element that was clicked
	Rights   int
	Typed    string // all characters, wherever they went
	Keys     []string
	Scrolled int // notches down less notches up
	Drags    int
	Opened   []string
	Looks    int
	Hide     actor.Hide // what the last look was not to see
}

// NewDesktop returns a desktop that shows s. Elements without a box are put one
// below the other.
func NewDesktop(s screen.Screen) *Desktop {
	d := &Desktop{
		focus: -1, held: map[string]bool{}, pictures: map[string][]byte{}, monitor: image.Rect(0, 0, 800, 600),
		state: State{Clicks: map[string]int{}}, windows: 1,
	}
	d.show(s)
	return d
}

// Show replaces what is on the screen. No element has the focus afterwards.
func (d *Desktop) Show(s screen.Screen) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.show(s)
}

func (d *Desktop) show(s screen.Screen) {
	const rowHeight = 30
	s.Elements = slices.Clone(s.Elements)
	for i := range s.Elements {
		if s.Elements[i].Box == (screen.Box{}) {
			s.Elements[i].Box = screen.Box{X: 10, Y: 10 + i*rowHeight, W: 100, H: rowHeight - 10}
		}
	}
	d.screen, d.focus = s, -1
}

// Spin has something move all the time in an area, in the picture's pixels; none
// with an empty one.
func (d *Desktop) Spin(area image.Rectangle) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.spinner = area
}

// SetWindows sets how many windows can be seen.
func (d *Desktop) SetWindows(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.windows = n
}

// OnClick sets what a click on an element does to the screen.
func (d *Desktop) OnClick(f func(*screen.Screen, screen.Element)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.onClick = f
}

// OnInput sets what is told of each input before its first stroke.
func (d *Desktop) OnInput(f func(actor.Input)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.onInput = f
}

// Focus gives the keyboard focus to the first field, or takes it from all.
func (d *Desktop) Focus(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.focus = -1
	if on {
		d.focus = slices.IndexFunc(d.screen.Elements, func(e screen.Element) bool { return e.Kind == screen.Field })
	}
}

// Forget empties the ledger: the desktop cannot tell what it was given.
func (d *Desktop) Forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forgets = true
}

// SwitchOff takes the display away, or brings it back.
func (d *Desktop) SwitchOff(off bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = off
}

// SetMonitor puts the only monitor elsewhere, or gives it another size.
func (d *Desktop) SetMonitor(r image.Rectangle) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.monitor = r
}

// Drift has the pointer arrive that far from where it is sent.
func (d *Desktop) Drift(by actor.Point) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drift = by
}

// State returns what the desktop was given so far.
func (d *Desktop) State() State {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.state
	s.Clicks = maps.Clone(d.state.Clicks)
	s.Keys, s.Opened = slices.Clone(s.Keys), slices.Clone(s.Opened)
	return s
}

// Text is what the first field holds.
func (d *Desktop) Text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.screen.Elements {
		if e.Kind == screen.Field {
			return e.Text
		}
	}
	return ""
}

// Held is how many buttons and keys are pressed.
func (d *Desktop) Held() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.held)
}

// Place is the middle of the first element of a kind.
func (d *Desktop) Place(kind screen.Kind) actor.Point {
	return d.place(func(e screen.Element) bool { return e.Kind == kind })
}

// PlaceOf is the middle of the first element that says text.
func (d *Desktop) PlaceOf(text string) actor.Point {
	return d.place(func(e screen.Element) bool { return e.Text == text })
}

func (d *Desktop) place(is func(screen.Element) bool) actor.Point {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.screen.Elements {
		if is(e) {
			x, y := e.Box.Center()
			return actor.Point{X: d.monitor.Min.X + x, Y: d.monitor.Min.Y + y}
		}
	}
	return actor.Point{}
}

// at returns the element at a point.
func (d *Desktop) at(p actor.Point) (int, bool) {
	p = actor.Point{X: p.X - d.monitor.Min.X, Y: p.Y - d.monitor.Min.Y}
	for i, e := range d.screen.Elements {
		if p.X >= e.Box.X && p.X < e.Box.X+e.Box.W && p.Y >= e.Box.Y && p.Y < e.Box.Y+e.Box.H {
			return i, true
		}
	}
	return 0, false
}

// click is one press and release of the left button.
func (d *Desktop) click(p actor.Point) {
	i, ok := d.at(p)
	if !ok {
		return
	}
	e := d.screen.Elements[i]
	d.state.Clicks[e.Label()]++
	if e.Kind == screen.Field {
		d.focus = i
	}
	if d.onClick != nil {
		d.screen.Elements = slices.Clone(d.screen.Elements)
		d.onClick(&d.screen, e)
		d.show(d.screen)
	}
}

// write puts a character into the field that has the focus.
func (d *Desktop) write(text string) {
	d.state.Typed += text
	d.screen.Elements = slices.Clone(d.screen.Elements) // views share the old ones
	d.screen.Elements[d.focus].Text += text
}

// press is one combination of keys; without a modifier it may be a character.
func (d *Desktop) press(keys []string) {
	in := action.Action{Verb: action.Key, Keys: keys}
	switch name := in.String()[len("key "):]; {
	case name == "enter":
		d.write("\n")
	case len(keys) == 2 && keys[0] == "shift" && len(keys[1]) == 1:
		d.write(string(keys[1][0] - 'a' + 'A'))
	case len(keys) == 1 && len(name) == 1:
		d.write(name)
	default:
		d.state.Keys = append(d.state.Keys, name)
	}
}
