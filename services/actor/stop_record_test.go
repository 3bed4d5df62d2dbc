package actor_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	xgbtest "github.com/jezek/xgb/xtest"
	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/internal/testwindow"
	"github.com/grokputer/grokputer/services/actor/internal/xrecord"
	"github.com/grokputer/grokputer/services/actor/internal/xwire"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

// limitVariable is how long after a stop the last input may come. Without it the
// order alone is judged, and that it takes no ages: `make bench-stop` sets it.
const limitVariable = "GROKPUTER_STOP_LIMIT"

// An independent client of the X server sees no input after a stop was
// acknowledged, whatever the hands were doing, and whoever asked for the stop.
func TestStopOnARealDesktop(t *testing.T) {
	t.Parallel()
	const length = 3000
	typing := `type "` + strings.Repeat("0123456789", length/10) + `"`
	typed := func(events []xrecord.Event) bool { return count(events, xproto.KeyPress) >= 20 }
	dragged := func(events []xrecord.Event) bool { return count(events, xproto.ButtonPress) > 0 }
	for name, tt := range map[string]struct {
		action string
		under  func([]xrecord.Event) bool // the action is under way
		stop   func(*realDesk) (asked int)
	}{
		"typing, control.stop":   {typing, typed, (*realDesk).control},
		"dragging, control.stop": {`drag button "Press" to field ""`, dragged, (*realDesk).control},
		"typing, stop key":       {typing, typed, (*realDesk).hold},
		"typing, task.cancel":    {typing, typed, (*realDesk).cancelTask},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDesk(t, tt.action)
			d.house.ask(`{"task": "x", "id": "t"}`)
			d.record.Await(t, "the action is under way", tt.under)
			asked := tt.stop(d)
			d.record.Mark(t, acknowledged)
			if verb, end := d.house.ended("t"); verb != contracts.VerbCancelled || end.Code != contracts.ReasonStopped {
				t.Errorf("the task was %s (%s: %s)", verb, end.Code, end.Reason)
			}
			d.end() // nobody is left who could send anything
			d.record.Mark(t, last)
			d.judge(d.record.AwaitMark(t, last), asked)
		})
	}
}

// The marks among the events.
const (
	asked        = 1 // the stop is about to be asked for
	acknowledged = 2 // it was acknowledged
	last         = 3 // the actor has ended
)

func count(events []xrecord.Event, kind byte) int {
	n := 0
	for _, e := range events {
		if e.Kind == kind && e.Mark() == 0 {
			n++
		}
	}
	return n
}

// realDesk is an actor with real hands on a real screen, and the client that hears
// what they send.
type realDesk struct {
	t      *testing.T
	house  *house
	window *testwindow.Window
	record *xrecord.Recorder
	person *xgb.Conn // whose keys are not the actor's
	stops  *nats.Subscription
	end    func()
}

func openDesk(t *testing.T, action string) *realDesk {
	t.Helper()
	o := display(t)
	d := &realDesk{t: t, window: testwindow.Open(t, o.Display, o.Authority), record: xrecord.Start(t, o.Display, o.Authority)}
	around := func(p actor.Point) screen.Box { return screen.Box{X: p.X - 10, Y: p.Y - 10, W: 20, H: 20} }
	h := build(t, screen.Screen{Title: "test window", Elements: []screen.Element{
		{Kind: screen.Button, Text: "Press", Box: around(d.window.Button(t))}, {Kind: screen.Field, Box: around(d.window.Area(t))},
	}}, action, `done`)
	hands := xtest.New(o)
	t.Cleanup(hands.Close)
	monitors, err := hands.Monitors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.desktop.SetMonitor(monitors[0].Bounds) // what is seen lies on the real one
	h.hands, h.stopKey = hands, xtest.NewStopKey(o, []string{"escape"}, xtest.DefaultHold)
	d.house, d.end = h, h.start()
	if d.stops, err = h.bus.Conn().SubscribeSync(contracts.SubjectLiveInput("main")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // or the connection waits, before it closes, for what was never read
		if err := d.stops.Unsubscribe(); err != nil {
			t.Error(err)
		}
	})
	wire, err := xwire.Dial(t.Context(), o.Display, o.Authority)
	if err != nil {
		t.Fatal(err)
	}
	if d.person, err = xgb.NewConnNet(wire); err == nil {
		err = xgbtest.Init(d.person)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.person.Close)
	return d
}

// display starts a screen and says how to connect to it.
func display(t *testing.T) xtest.Options {
	t.Helper()
	s := kittest.Screen(t)
	o := xtest.Options{Display: s.Display()}
	for _, kv := range s.Env() {
		if file, ok := strings.CutPrefix(kv, "XAUTHORITY="); ok {
			o.Authority = file
		}
	}
	return o
}

// control asks on control.stop and returns when that is answered.
func (d *realDesk) control() int {
	d.t.Helper()
	d.record.Mark(d.t, asked)
	if _, err := d.house.bus.Conn().RequestWithContext(d.t.Context(), contracts.SubjectControlStop(), nil); err != nil {
		d.t.Fatal(err)
	}
	return asked
}

// cancelTask cancels the task, which is acknowledged by its end.
func (d *realDesk) cancelTask() int {
	d.t.Helper()
	d.record.Mark(d.t, asked)
	d.house.cancel("t", "")
	d.house.ended("t")
	return asked
}

// hold holds the stop key as a person does, and returns when the stop is told of.
func (d *realDesk) hold() int {
	d.t.Helper()
	d.press(xproto.KeyPress)
	d.record.Mark(d.t, asked)
	if _, err := d.stops.NextMsgWithContext(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	d.press(xproto.KeyRelease)
	return asked
}

// press sends an event of the escape key.
func (d *realDesk) press(kind byte) {
	d.t.Helper()
	const escape = 9 // on every keyboard of Xvfb
	root := xproto.Setup(d.person).DefaultScreen(d.person).Root
	if err := xgbtest.FakeInputChecked(d.person, kind, escape, xproto.TimeCurrentTime, root, 0, 0, 0).Check(); err != nil {
		d.t.Fatal(err)
	}
}

// judge looks at what was sent after which mark.
func (d *realDesk) judge(events []xrecord.Event, from int) {
	d.t.Helper()
	var began, ended uint32
	mark := 0
	for _, e := range events {
		if e.Mark() > 0 {
			if mark = e.Mark(); mark == from {
				began, ended = e.Time, e.Time
			}
			continue
		}
		switch mark {
		case from:
			ended = e.Time
		case acknowledged:
			d.t.Errorf("after the acknowledgement came %+v", e)
		}
	}
	if state := d.window.State(d.t); state.Held != 0 {
		d.t.Errorf("%d keys or buttons are held", state.Held)
	}
	took := time.Duration(ended-began) * time.Millisecond
	d.t.Logf("the last input came %s after the stop", took)
	most := 10 * time.Second
	if value := os.Getenv(limitVariable); value != "" {
		var err error
		if most, err = time.ParseDuration(value); err != nil {
			d.t.Fatal(err)
		}
		most += holdOf(d.t)
	}
	if took > most {
		d.t.Errorf("the last input came %s after the stop, want %s at most", took, most)
	}
}

// holdOf is how long the key of a test has to be held before it is a stop.
func holdOf(t *testing.T) time.Duration {
	t.Helper()
	if strings.Contains(t.Name(), "key") {
		return xtest.DefaultHold
	}
	return 0
}
