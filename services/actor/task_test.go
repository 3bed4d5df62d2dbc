package actor_test

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/actor"
)

func TestTask(t *testing.T) {
	t.Parallel()
	h := build(t, screen.Screen{Title: "desktop"},
		`open "notepad"`, `type "hello world"`, `key ctrl+s`, `screenshot "Desktop/a"`, `find "*.png"`, `wait 1`, `answer "it stands there"`)
	h.start()
	h.ask("open the text editor and type hello world")
	end := h.completed()
	if end.Answer != "it stands there" || end.Steps != 7 || end.Frame == nil || end.Frame.Image.SHA256 == "" {
		t.Errorf("the end is %+v", end)
	}
	if got := h.desktop.Text(); got != "hello world" {
		t.Errorf("the editor holds %q", got)
	}
	if h.vault.File("Desktop/a.png") == nil {
		t.Error("there is no screenshot")
	}
	want := "accepted started step*7 completed"
	if got := h.verbs(end.TaskID); got != want {
		t.Errorf("the events were %s, want %s", got, want)
	}
	for i, want := range []struct{ class, outcome, result string }{
		{"read", "changed", ""},
		{"edit", "changed", ""},
		{"edit", "unchanged", ""}, // the simulated editor shows nothing of it
		{"edit", "result", "Desktop/a.png"},
		{"read", "result", "1 file: Desktop/a.png"},
		{"read", "unchanged", ""},
		{"read", "result", "it stands there"},
	} {
		s := h.steps()[i]
		if s.Step != i+1 || s.Class != want.class || string(s.Outcome) != want.outcome || s.Result != want.result {
			t.Errorf("step %d (%s) is %d, %s, %s, %q; want %+v", i+1, s.Action, s.Step, s.Class, s.Outcome, s.Result, want)
		}
		if s.Confidence != 1 || s.SessionID != end.SessionID || s.Started.IsZero() || s.Planned.Before(s.Started) || s.Ended.Before(s.Planned) {
			t.Errorf("step %d is %+v", i+1, s)
		}
	}
}

func TestSessionLog(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `key ctrl+s`, `type "hi"`, `find "*"`, `done`)
	h.desktop.Focus(true)
	h.start()
	h.ask(`{"task": "write hi", "session": "my-session", "id": "my-task"}`)
	end := h.completed()
	if end.SessionID != "my-session" || end.TaskID != "my-task" {
		t.Fatalf("the end is %+v", end)
	}
	s := h.session("my-session")
	if s.SessionID != "my-session" || s.TaskID != "my-task" || s.Task != "write hi" || s.Desktop != "main" ||
		s.Outcome != contracts.VerbCompleted || s.Planner != "scripted" || s.Start.IsZero() || s.End.Before(s.Start) {
		t.Errorf("the log is %+v", s)
	}
	if len(s.Steps) != 4 || s.Steps[1].Action.String() != `type "hi"` || s.Steps[1].Frame.Image.SHA256 == "" || s.LastFrame == nil ||
		s.Steps[0].Effect != contracts.EffectNothing || s.Steps[1].Effect != contracts.EffectRegion || s.Steps[1].Region == nil {
		t.Errorf("the steps are %+v", s.Steps)
	}
	folder := filepath.Join(actor.LogDir(h.dataDir), "my-session")
	body, err := os.ReadFile(filepath.Join(folder, actor.SessionFile))
	if err != nil || !strings.Contains(string(body), `"user_rating": null`) {
		t.Errorf("session.json has no place for the rating: %s, %v", body, err)
	}
	lines, err := os.ReadFile(filepath.Join(folder, actor.PromptsFile))
	if err != nil {
		t.Fatal(err)
	}
	var prompts []actor.Prompted
	for line := range strings.Lines(string(lines)) {
		prompts = append(prompts, decode[actor.Prompted](t, []byte(line)))
	}
	if len(prompts) != 4 {
		t.Fatalf("%d prompts were noted", len(prompts))
	}
	third := prompts[3]
	if third.Step != 4 || third.Action != "done" || third.State.Task != "write hi" || len(third.State.Done) != 3 ||
		third.State.Done[0].Result != "no effect" || third.State.Done[1].Result != "" || third.State.Done[2].Result != "0 files" ||
		third.State.Screen.Elements[0].Text != "hi" {
		t.Errorf("the last prompt was %+v", third)
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 2 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
}

// Each step says how much of the screen it changed, whatever moves meanwhile.
func TestEffects(t *testing.T) {
	t.Parallel()
	for name, spinner := range map[string]image.Rectangle{"still": {}, "with a spinner": image.Rect(600, 400, 640, 440)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor(), `click field ""`, `type "hi"`, `key ctrl+s`, `click button "Bold"`, `wait 1`, `find "*"`, `open "notepad"`, `done`)
			h.desktop.Spin(spinner)
			place := h.desktop.PlaceOf("Bold")
			h.start()
			h.ask("x")
			h.completed()
			for i, want := range []contracts.Effect{
				contracts.EffectFocus, contracts.EffectRegion, contracts.EffectNothing, contracts.EffectRegion, contracts.EffectNothing, "",
				contracts.EffectWindow, "",
			} {
				s := h.steps()[i]
				if s.Effect != want || (s.Outcome == contracts.OutcomeUnchanged) != (want == contracts.EffectNothing) || (s.Region != nil) != (want == contracts.EffectRegion) {
					t.Errorf("step %d (%s) was %s, and changed %q: %v; want %q", i+1, s.Action, s.Outcome, s.Effect, s.Region, want)
				}
			}
			if r := h.steps()[3].Region; !image.Pt(place.X, place.Y).In(image.Rect(r.X, r.Y, r.X+r.W, r.Y+r.H)) || r.W > 100 || r.H > 20 {
				t.Errorf("the button at %v was pressed, and %+v has changed", place, r)
			}
			if at := h.steps()[3].Landed; at == nil || (actor.Point{X: at.X, Y: at.Y}) != place {
				t.Errorf("the button at %v was pressed, and the pointer is told to be at %v", place, at)
			}
			if at := h.steps()[1].Landed; at != nil {
				t.Errorf("typing says where the pointer is: %v", at)
			}
		})
	}
}

func TestSessionNames(t *testing.T) {
	t.Parallel()
	h := build(t, editor(), `done`, `done`, `done`)
	h.start()
	for _, id := range []string{"one", "two"} {
		h.ask(`{"task": "x", "session": "same", "id": "` + id + `"}`)
	}
	h.ask(`{"task": "x", "id": "three"}`)
	for id, want := range map[string]string{"one": "same", "two": "same_2", "three": "session_20"} {
		if _, end := h.ended(id); !strings.HasPrefix(end.SessionID, want) {
			t.Errorf("the session of task %s is %s, want %s", id, end.SessionID, want)
		}
	}
}

func TestEndings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		actions []string
		prepare func(*house)
		verb    contracts.Verb
		code    contracts.Reason
		reason  string
		steps   int
	}{
		"done":         {actions: []string{`done`}, verb: contracts.VerbCompleted, steps: 1},
		"gave up":      {actions: []string{`fail "no such file"`}, code: contracts.ReasonGaveUp, reason: "no such file", steps: 1},
		"asked":        {actions: []string{`ask "which one?"`}, code: contracts.ReasonAsked, reason: "which one?", steps: 1},
		"no effect":    {actions: []string{`key ctrl+s`, `key ctrl+s`, `done`}, prepare: func(h *house) { h.desktop.Focus(true) }, code: contracts.ReasonNoEffect, reason: "ctrl+s", steps: 2},
		"two effects":  {actions: []string{`key ctrl+s`, `key ctrl+q`, `key ctrl+s`, `done`}, prepare: func(h *house) { h.desktop.Focus(true) }, verb: contracts.VerbCompleted, steps: 4},
		"no focus":     {actions: []string{`type "a"`, `type "a"`, `done`}, code: contracts.ReasonHands, reason: "no window has the focus", steps: 2},
		"steps":        {actions: []string{`key ctrl+a`, `key ctrl+b`, `key ctrl+a`, `key ctrl+b`}, prepare: func(h *house) { h.desktop.Focus(true); h.config.MaxSteps = 3 }, code: contracts.ReasonSteps, reason: "3 steps", steps: 3},
		"planner":      {actions: []string{`key ctrl+a`}, prepare: func(h *house) { h.desktop.Focus(true) }, code: contracts.ReasonPlanner, reason: "used up", steps: 1},
		"not there":    {actions: []string{`click button "Italic"`}, code: contracts.ReasonPlanner, reason: "no such element"},
		"not an app":   {actions: []string{`open "terminal"`}, code: contracts.ReasonPlanner, reason: "terminal"},
		"error, else":  {actions: []string{`type "a"`, `click field ""`, `type "a"`, `done`}, verb: contracts.VerbCompleted, steps: 4},
		"bad folder":   {actions: []string{`screenshot "etc/a.png"`}, code: contracts.ReasonPlanner, reason: "Desktop"},
		"switched off": {actions: []string{`click field ""`}, prepare: func(h *house) { h.desktop.OnInput(func(actor.Input) { h.desktop.SwitchOff(true) }) }, code: contracts.ReasonHands, reason: "switched off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor(), tt.actions...)
			if tt.prepare != nil {
				tt.prepare(h)
			}
			if tt.verb == "" {
				tt.verb = contracts.VerbFailed
			}
			h.start()
			h.ask("do it")
			verb, end := h.ended("")
			if verb != tt.verb || end.Code != tt.code || !strings.Contains(end.Reason, tt.reason) || end.Steps != tt.steps {
				t.Errorf("the task was %s (%s: %s) after %d steps, want %s (%s: %s) after %d",
					verb, end.Code, end.Reason, end.Steps, tt.verb, tt.code, tt.reason, tt.steps)
			}
			if s := h.session(end.SessionID); s.Outcome != verb || s.Code != end.Code || len(s.Steps) != tt.steps {
				t.Errorf("the log is %+v", s)
			}
		})
	}
}
