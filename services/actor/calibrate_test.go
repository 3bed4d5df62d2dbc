package actor_test

import (
	"image"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/actor"
)

// between calls f when the first step is decided and nothing was done of it.
func (h *house) between(f func()) {
	h.config.Hook = func(m actor.Moment, step, _ int) {
		if m == actor.AfterIntent && step == 1 {
			f()
		}
	}
}

// Input that was planned on a picture that does not lie on the desktop any more
// is not sent: the screen is looked at again, and the next step is planned on
// that.
func TestMonitorsChange(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Bold"`, `click button "Bold"`, `done`)
	moved := image.Rect(1280, 32, 1280+640, 32+480)
	var looks int
	h.between(func() {
		looks = h.desktop.State().Looks
		h.desktop.SetMonitor(moved)
	})
	h.start()
	h.ask("make it bold")
	h.completed()
	steps := h.steps()
	if s := steps[0]; s.Outcome != contracts.OutcomeError || !strings.Contains(s.Result, "monitor 0 (640x480 at 1280,32) is there now") ||
		!strings.Contains(s.Result, "looked at again") {
		t.Errorf("the first step is %s: %s", s.Outcome, s.Result)
	}
	if s := steps[1]; s.Frame.OriginX != moved.Min.X || s.Frame.OriginY != moved.Min.Y || s.Frame.Width != moved.Dx() {
		t.Errorf("the second step was planned on %+v", s.Frame)
	}
	if got := h.desktop.State(); got.Clicks["Bold"] != 1 || got.Looks <= looks {
		t.Errorf("the desktop was given %+v", got)
	}
}

// With a pointer that goes astray on a new monitor nothing is clicked, and the
// task ends with the reason.
func TestPointerGoesAstray(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `click button "Bold"`, `click button "Bold"`, `done`)
	h.between(func() {
		h.desktop.Drift(actor.Point{Y: 3})
		h.desktop.SetMonitor(image.Rect(0, 0, 640, 480))
	})
	h.start()
	h.ask("make it bold")
	verb, end := h.ended("")
	want := "monitor 0 (640x480 at 0,0) it was sent to 320,240 and is at 320,243"
	if verb != contracts.VerbFailed || end.Code != contracts.ReasonHands || !strings.Contains(end.Reason, want) {
		t.Errorf("the task was %s: %s: %s, want %q", verb, end.Code, end.Reason, want)
	}
	if got := h.desktop.State().Clicks["Bold"]; got != 0 {
		t.Errorf("it was clicked %d times", got)
	}
}
