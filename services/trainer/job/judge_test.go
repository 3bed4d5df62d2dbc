package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
	"github.com/grokputer/grokputer/services/trainer/job"
)

// lesson is a corrected step of a session: to click a button.
func lesson(session, task, button string) trainer.Example {
	return trainer.Example{
		Kind:   trainer.KindLesson,
		State:  prompt.State{Task: task, Screen: screen.Screen{Elements: []screen.Element{{Kind: screen.Button, Text: button}}}},
		Right:  action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: button}},
		Source: &trainer.Source{SessionID: session, Said: action.Action{Verb: action.Done}, Weight: 1},
	}
}

// measured is an example in one of the gate's sets.
func measured(e trainer.Example, name gate.Name) trainer.Example {
	e.HeldOut, e.Set = true, name
	return e
}

// gated is a training that learns its few examples by heart.
func gated(t *testing.T, examples ...trainer.Example) trainer.Assignment {
	t.Helper()
	a := assignment(t)
	a.Gate = gate.DefaultRules()
	a.Recipe.Rank, a.Recipe.MinSteps, a.Recipe.CheckpointEvery, a.Recipe.LearningRate = 8, 80, 50, 1e-2
	a.Recipe.LeaveOut, a.Recipe.LeaveOutTime = 5, 1<<62
	if err := trainer.WriteExamples(filepath.Join(a.Folder, trainer.DatasetFile), examples); err != nil {
		t.Fatal(err)
	}
	return a
}

func reportOf(t *testing.T, a trainer.Assignment) gate.Report {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(a.Folder, trainer.AdapterFolder, gate.JSONFile))
	if err != nil {
		t.Fatal(err)
	}
	var r gate.Report
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// four are corrections that agree: a tiny model learns no more.
func four() []trainer.Example {
	var list []trainer.Example
	for i := range 4 {
		list = append(list, lesson(fmt.Sprint("s", i), "get A", "A"))
	}
	return list
}

// What was learned is shown on the sets, against the champion, and the report lies
// beside the adapter.
func TestGatePasses(t *testing.T) {
	t.Parallel()
	all := four()
	for _, e := range four() {
		all = append(all, measured(e, gate.Corrections))
	}
	a := gated(t, all...)
	trained, _ := run(t, a)
	if trained.Gate != contracts.GateCanary || !strings.Contains(trained.GateWhy, "fewer than 30") {
		t.Errorf("%s: %s", trained.Gate, trained.GateWhy)
	}
	report := reportOf(t, a)
	if s := report.Sets[0]; s.Name != gate.Corrections || s.Gained != 4 || s.N() != 4 || report.LeftOut != "" {
		t.Errorf("%+v", report)
	}
	if len(report.Curve) != 80 || report.Curve[0].Loss <= report.Curve[79].Loss {
		t.Errorf("the curve has %d points", len(report.Curve))
	}
	for _, name := range []string{gate.MarkdownFile, gate.LossFile, gate.SetsFile} {
		if info, err := os.Stat(filepath.Join(a.Folder, trainer.AdapterFolder, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}

	// The next version is compared with this one: it has nothing more to say.
	next := gated(t, all...)
	next.Version, next.Champion, next.ChampionFolder = "lora-v2", "lora-v1", filepath.Join(a.Folder, trainer.AdapterFolder)
	next.ChampionSHA256 = trained.SHA256
	again, _ := run(t, next)
	if s := reportOf(t, next).Sets[0]; again.Gate != contracts.GateRejected || s.Both != 4 {
		t.Errorf("%s: %s: %+v", again.Gate, again.GateWhy, s)
	}
}

// One that unlearns what was right does not pass, whatever it learned.
func TestGateRejects(t *testing.T) {
	t.Parallel()
	other := lesson("r", "get A", "A") // the opposite
	other.Kind, other.Source, other.Right = "press", nil, action.Action{Verb: action.Done}
	before := gated(t, other)
	champion, _ := run(t, before)

	all := append(four(), measured(other, gate.Replay))
	for _, e := range four() {
		all = append(all, measured(e, gate.Corrections))
	}
	a := gated(t, all...)
	a.Champion, a.ChampionFolder, a.ChampionSHA256 = "lora-v1", filepath.Join(before.Folder, trainer.AdapterFolder), champion.SHA256
	trained, _ := run(t, a)
	if s := reportOf(t, a).Sets[2]; trained.Gate != contracts.GateRejected || s.Name != gate.Replay || s.Lost != 1 {
		t.Errorf("%s: %s: %+v", trained.Gate, trained.GateWhy, s)
	}
}

// Right and wrong steps without a correction teach, by KTO, and nothing shows what: it does not
// pass.
func TestNothingIsShownWithoutACorrection(t *testing.T) {
	t.Parallel()
	good, bad := lesson("s1", "get A", "A"), lesson("s2", "get B", "A")
	good.Kind, bad.Kind = trainer.KindGood, trainer.KindBad
	bad.Wrong, bad.Right = &good.Right, action.Action{}
	a := gated(t, good, bad)
	a.Recipe.Method, a.Recipe.MinSteps = contracts.MethodKTO, 8
	trained, _ := run(t, a)
	if trained.Gate != contracts.GateRejected || !strings.Contains(trained.GateWhy, "nothing shows that it is better") {
		t.Errorf("%s: %s", trained.Gate, trained.GateWhy)
	}
}

// Without held-out corrections newly rated sessions are left out in turn: what helps only
// in the session that it was said in is no reason to pass, and what helps in others is.
func TestLeavesSessionsOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		known []string
		task  func(i int) string
		parts int
		want  contracts.Gate
	}{
		"the same in every session": {nil, func(int) string { return "get A" }, 3, contracts.GateCanary},
		"all different":             {nil, func(i int) string { return "get " + string(rune('A'+i)) }, 3, contracts.GateRejected},
		"nothing new":               {[]string{"s0", "s1", "s2"}, func(int) string { return "get A" }, 0, contracts.GateRejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all []trainer.Example
			for i := range 3 {
				task := c.task(i)
				all = append(all, lesson(fmt.Sprint("s", i), task, task[len(task)-1:]))
			}
			a := gated(t, all...)
			a.Known = c.known
			trained, _ := run(t, a)
			report := reportOf(t, a)
			if trained.Gate != c.want || report.Sets[0].N() != c.parts || !strings.Contains(report.LeftOut, fmt.Sprint("in ", c.parts, " parts")) {
				t.Errorf("%s: %s\n%s", trained.Gate, trained.GateWhy, report.Markdown())
			}
		})
	}
}

// One that is interrupted while it leaves sessions out goes on there, and says the same.
func TestLeavingOutGoesOn(t *testing.T) {
	t.Parallel()
	whole := gated(t, four()...)
	want, _ := run(t, whole)
	a := gated(t, four()...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := job.Process{}.Run(ctx, a, func(u trainer.Update) {
		if p, ok := u.(trainer.Progressed); ok && p.Step == 20 && strings.Contains(p.Doing, "part 2 of 4") {
			cancel()
		}
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	got, updates := run(t, a)
	if got.SHA256 != want.SHA256 || got.GateWhy != want.GateWhy {
		t.Errorf("interrupted: %s, %s\nelse: %s, %s", got.SHA256, got.GateWhy, want.SHA256, want.GateWhy)
	}
	for _, u := range updates {
		if p, ok := u.(trainer.Progressed); ok && strings.Contains(p.Doing, "part 1 of 4") {
			t.Fatal("it left the first part out again")
		}
	}
}

// good is a right step of a session that the person rated well: to press a button.
func good(session, task, button string) trainer.Example {
	e := lesson(session, task, button)
	e.Kind, e.Source.Said, e.Source.Rating = trainer.KindGood, e.Right, 5
	return e
}

// Right steps of newly rated sessions are measured with what was not trained on these. What unlearns
// them does not pass, however well this version says them itself.
func TestKeepsWhatWasRatedWell(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		correction string // what is said of the same task elsewhere
		leave      int
		known      []string
		want       contracts.Gate
		kept, lost int
		how        string
	}{
		"others say the same":      {"A", 3, nil, contracts.GateCanary, 3, 0, "all but its part of the sessions"},
		"others say the opposite":  {"B", 3, nil, contracts.GateRejected, 3, 3, "all but its part of the sessions"},
		"nothing is left out":      {"B", 0, nil, contracts.GateRejected, 0, 0, "no session is left out"},
		"the champion learned two": {"A", 3, []string{"g0", "g1"}, contracts.GateCanary, 1, 0, "all but its part of the sessions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var before, all []trainer.Example
			for i := range 3 {
				g := good(fmt.Sprint("g", i), "get A", "A")
				g.State.Screen.Elements = append(g.State.Screen.Elements, screen.Element{Kind: screen.Button, Text: "B"})
				before = append(before, g)
				l := lesson(fmt.Sprint("s", i), "get A", c.correction)
				l.State.Screen = g.State.Screen
				all = append(all, g, l, l, l) // it weighs more, as it does with its variants
			}
			champion := gated(t, before...)
			champion.Recipe.LeaveOut = 0
			known, _ := run(t, champion)
			a := gated(t, all...)
			a.Recipe.LeaveOut, a.Known = c.leave, c.known
			a.Champion, a.ChampionFolder, a.ChampionSHA256 = "lora-v1", filepath.Join(champion.Folder, trainer.AdapterFolder), known.SHA256
			if c.correction == "A" { // it has to be better at something
				a.Champion, a.ChampionFolder, a.ChampionSHA256 = "", "", ""
			}
			trained, _ := run(t, a)
			report := reportOf(t, a)
			s := report.Sets[len(report.Sets)-1]
			if trained.Gate != c.want || s.Name != gate.Kept || s.N() != c.kept || s.Lost != c.lost || !strings.Contains(report.Kept, c.how) {
				t.Errorf("%s: %+v\n%s", trained.Gate, s, report.Markdown())
			}
			if c.lost > 0 && !strings.Contains(trained.GateWhy, "of the 3 steps that you rated well, that it did not see") {
				t.Errorf("%s", trained.GateWhy)
			}
		})
	}
}

// Those of held-out tasks are measured with the version itself.
func TestKeepsHeldOutTasks(t *testing.T) {
	t.Parallel()
	all := four()
	for _, e := range four() {
		all = append(all, measured(e, gate.Corrections))
	}
	all = append(all, measured(good("g", "get A", "A"), gate.Kept))
	a := gated(t, all...)
	run(t, a)
	report := reportOf(t, a)
	if s := report.Sets[4]; s.Name != gate.Kept || s.Gained != 1 || s.N() != 1 || !strings.Contains(report.Kept, "never learned from") {
		t.Errorf("%s", report.Markdown())
	}
}
