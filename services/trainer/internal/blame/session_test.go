package blame_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
)

// form has a button "Save" at 0,0 and a button "Close" at 100,0, each 80x20 pixels.
func form() screen.Screen {
	return screen.Screen{Title: "Form", Elements: []screen.Element{
		{Kind: screen.Button, Text: "Save", Box: screen.Box{W: 80, H: 20}},
		{Kind: screen.Button, Text: "Close", Box: screen.Box{X: 100, W: 80, H: 20}},
	}}
}

func parse(t *testing.T, said string) action.Action {
	t.Helper()
	a, err := action.Parse(said)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// did is a step on the form that came out so.
func did(t *testing.T, said string, o contracts.Outcome) contracts.BundleStep {
	t.Helper()
	return contracts.BundleStep{
		State:  prompt.State{Task: "save the report", Screen: form()},
		Action: parse(t, said), Outcome: o, Frame: contracts.Frame{Width: 200, Height: 100, Scale: 1},
	}
}

// titled is the step on a screen with another title.
func titled(s contracts.BundleStep, title string) contracts.BundleStep {
	s.State.Screen.Title = title
	return s
}

func corrected(t *testing.T, s contracts.BundleStep, right string) contracts.BundleStep {
	t.Helper()
	a := parse(t, right)
	s.Verdict, s.Corrected = contracts.VerdictWrong, &a
	return s
}

func marked(s contracts.BundleStep, v contracts.Verdict) contracts.BundleStep {
	s.Verdict = v
	return s
}

func landed(s contracts.BundleStep, x, y int) contracts.BundleStep {
	s.Landed = &screen.Point{X: x, Y: y}
	return s
}

// rated is a session; one that failed has a code.
func rated(stars int, code contracts.Reason, issues []contracts.Issue, steps ...contracts.BundleStep) contracts.Bundle {
	b := contracts.Bundle{Rating: stars, Outcome: contracts.VerbCompleted, Code: code, Issues: issues, Steps: steps}
	switch code {
	case "":
	case contracts.ReasonStopped:
		b.Outcome = contracts.VerbCancelled
	default:
		b.Outcome = contracts.VerbFailed
	}
	for i := range b.Steps {
		b.Steps[i].Step = i + 1
	}
	return b
}

// want is a verdict but for its reason, of which a part is named.
type want struct {
	judgement blame.Judgement
	fault     blame.Fault
	weight    float64
	basis     blame.Basis
	reason    string
}

func TestSession(t *testing.T) {
	t.Parallel()
	const (
		changed, unchanged, result = contracts.OutcomeChanged, contracts.OutcomeUnchanged, contracts.OutcomeResult
		ocr, plan, coordination    = contracts.IssueOCR, contracts.IssueWrongAction, contracts.IssueCoordination
		timeout, other             = contracts.IssueTimeout, contracts.IssueOther
	)
	issues := func(i ...contracts.Issue) []contracts.Issue { return i }
	save := did(t, `click button "Save"`, changed)
	none := want{judgement: blame.Unjudged}
	late := save
	late.Outcome, late.Result = contracts.OutcomeError, contracts.ErrGeometry.Error()+": a monitor has gone; the screen was looked at again"
	denied, banned, failed := save, save, save
	denied.Outcome, banned.Outcome, failed.Outcome = contracts.OutcomeRefused, contracts.OutcomeForbidden, contracts.OutcomeError
	typed := did(t, `type "1O"`, changed)
	for name, c := range map[string]struct {
		session contracts.Bundle
		want    []want
	}{
		// What the person said.
		"a correction blames the plan": {
			rated(1, "", nil, corrected(t, did(t, `click button "Close"`, changed), `click button "Save"`)),
			[]want{{blame.Wrong, blame.Plan, 1, blame.ByCorrection, "another action"}},
		},
		"a correction, and a slow session": {
			rated(1, "", issues(timeout), corrected(t, did(t, "wait 5", unchanged), `click button "Save"`)),
			[]want{{blame.Wrong, blame.Plan, 0.5, blame.ByCorrection, "but blames the waiting"}},
		},
		"a correction that could not be read, and the eyes": {
			rated(1, "", issues(ocr), corrected(t, typed, `type "10"`)),
			[]want{{blame.Wrong, blame.Eyes, 1, blame.ByCorrection, "not read"}},
		},
		"a correction that could be read, and the eyes": {
			rated(1, "", issues(ocr), corrected(t, typed, `type "report"`)),
			[]want{{blame.Wrong, blame.Plan, 0.5, blame.ByCorrection, "but blames the eyes"}},
		},
		"a correction that could not be read, but the plan is blamed": {
			rated(1, "", issues(ocr, plan), corrected(t, typed, `type "10"`)),
			[]want{{blame.Wrong, blame.Plan, 1, blame.ByCorrection, "another action"}},
		},
		"marked right in a bad session": {
			rated(1, "", issues(plan), marked(save, contracts.VerdictRight)),
			[]want{{blame.Right, blame.None, 1, blame.ByMark, "marked it right"}},
		},
		"marked wrong": {
			rated(2, "", nil, marked(save, contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Plan, 1, blame.ByMark, "marked it wrong"}},
		},
		"marked wrong in a good session": {
			rated(5, "", nil, marked(save, contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Plan, 1, blame.ByMark, "marked it wrong"}},
		},
		"marked wrong, other": {
			rated(2, "", issues(other), marked(save, contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Plan, 1, blame.ByMark, "marked it wrong"}},
		},
		"marked wrong, ocr": {
			rated(2, "", issues(ocr), marked(save, contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Eyes, 1, blame.ByMark, "blames the eyes"}},
		},
		"marked wrong, coordination": {
			rated(2, "", issues(coordination), marked(save, contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Handoff, 1, blame.ByMark, "blames the handoff"}},
		},
		"marked wrong, timeout": {
			rated(2, "", issues(timeout), marked(save, contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Waiting, 1, blame.ByMark, "blames the waiting"}},
		},
		"marked wrong, the plan and the eyes": {
			rated(2, "", issues(ocr, plan), marked(save, contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Plan, 0.5, blame.ByMark, "the eyes as well as the plan"}},
		},
		"marked wrong, two parts": {
			rated(2, "", issues(timeout, ocr), marked(save, contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Eyes, 0.5, blame.ByMark, "the eyes and the waiting"}},
		},
		"refused": {
			rated(3, contracts.ReasonDenied, nil, denied),
			[]want{{blame.Wrong, blame.Plan, 0.9, blame.ByApproval, "said no"}},
		},
		// A click beside its element.
		"landed outside, whatever is ticked": {
			rated(1, "", issues(plan), landed(save, 90, 10)),
			[]want{{blame.Wrong, blame.Pointer, 1, blame.BySession, "went to 90,10"}},
		},
		"landed outside, although corrected": {
			rated(1, "", nil, corrected(t, landed(save, 90, 10), `click button "Close"`)),
			[]want{{blame.Wrong, blame.Pointer, 1, blame.BySession, "outside of"}},
		},
		"landed outside in a good session": {
			rated(5, "", nil, landed(save, 40, 20)),
			[]want{{blame.Wrong, blame.Pointer, 1, blame.BySession, "outside of"}},
		},
		"landed inside": {
			rated(1, "", issues(plan), marked(landed(save, 79, 19), contracts.VerdictWrong)),
			[]want{{blame.Wrong, blame.Plan, 1, blame.ByMark, ""}},
		},
		// Well-rated sessions.
		"five stars": {
			rated(5, "", nil, save, did(t, "wait 5", unchanged), did(t, "done", result)),
			[]want{{blame.Right, blame.None, 0.9, blame.ByStars, "5 stars"}, none, {blame.Right, blame.None, 0.9, blame.ByStars, ""}},
		},
		"four stars":             {rated(4, "", nil, save), []want{{blame.Right, blame.None, 0.7, blame.ByStars, "4 stars"}}},
		"five stars, but failed": {rated(5, contracts.ReasonSteps, nil, save), []want{none}},
		// What the session shows.
		"no effect, then again": {
			rated(1, contracts.ReasonSteps, nil, did(t, `click button "Save"`, unchanged), did(t, `click button "Save"`, unchanged), save, save),
			[]want{
				{blame.Wrong, blame.Plan, 0.6, blame.BySession, "no effect"},
				{blame.Wrong, blame.Plan, 0.8, blame.BySession, "repeats step 1"},
				{blame.Wrong, blame.Plan, 0.8, blame.BySession, "repeats step 2"},
				{blame.Wrong, blame.Plan, 0.8, blame.BySession, "repeats step 3"},
			},
		},
		"to and fro": {
			rated(1, "", nil, save, titled(did(t, `click button "Close"`, changed), "Other"), save, did(t, "done", result)),
			[]want{none, none, {blame.Wrong, blame.Plan, 0.8, blame.BySession, "repeats step 1"}, {blame.Wrong, blame.Plan, 0.4, blame.BySession, "ended the task, which has 1 star"}},
		},
		"again on another screen": {
			rated(1, "", nil, save, titled(save, "Other")), []want{none, none},
		},
		"no effect, ocr": {
			rated(1, "", issues(ocr), did(t, `click button "Save"`, unchanged), save),
			[]want{{blame.Wrong, blame.Eyes, 0.6, blame.BySession, "blames the eyes"}, {blame.Wrong, blame.Eyes, 0.8, blame.BySession, ""}},
		},
		"waited in vain": {
			rated(2, "", issues(plan), did(t, "wait 5", unchanged), save),
			[]want{{blame.Wrong, blame.Waiting, 0.6, blame.BySession, "nothing changed"}, none},
		},
		"a stale frame": {
			rated(2, "", issues(plan), late, save),
			[]want{{blame.Wrong, blame.Handoff, 0.7, blame.BySession, "had changed"}, {blame.Wrong, blame.Plan, 0.8, blame.BySession, ""}},
		},
		"impossible and forbidden": {
			rated(2, "", nil, failed, titled(banned, "Other")),
			[]want{{blame.Wrong, blame.Plan, 0.7, blame.BySession, "could not be done"}, {blame.Wrong, blame.Plan, 0.6, blame.BySession, "policy"}},
		},
		"the last steps before a failure": {
			rated(1, contracts.ReasonSteps, nil, save, titled(save, "B"), titled(save, "C")),
			[]want{none, {blame.Wrong, blame.Plan, 0.2, blame.BySession, "failed right after"}, {blame.Wrong, blame.Plan, 0.4, blame.BySession, "failed right after"}},
		},
		"the last steps before the time was over": {
			rated(1, contracts.ReasonTime, issues(plan), save),
			[]want{{blame.Wrong, blame.Waiting, 0.4, blame.BySession, "(time)"}},
		},
		"the last step before the screen could not be read": {
			rated(1, contracts.ReasonObserver, nil, save),
			[]want{{blame.Wrong, blame.Eyes, 0.4, blame.BySession, "(observer)"}},
		},
		"the step before one that was refused": {
			rated(3, contracts.ReasonDenied, nil, titled(save, "B"), denied),
			[]want{none, {blame.Wrong, blame.Plan, 0.9, blame.ByApproval, "said no"}},
		},
		"the last step before the disk was full": {rated(1, contracts.ReasonDiskFull, nil, save), []want{none}},
		"stopped by the person": {
			rated(1, contracts.ReasonStopped, nil, save, titled(save, "B")),
			[]want{none, {blame.Wrong, blame.Plan, 0.5, blame.BySession, "stopped"}},
		},
		"stopped by the person, who had what they wanted": {
			rated(5, contracts.ReasonStopped, nil, save),
			[]want{{blame.Right, blame.None, 0.9, blame.ByStars, "it worked"}},
		},
		"a bad session that shows nothing": {rated(2, "", nil, save, titled(save, "B")), []want{none, none}},
		"no steps":                         {rated(1, "", nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := blame.Session(c.session)
			if len(got) != len(c.want) {
				t.Fatalf("%d verdicts: %+v", len(got), got)
			}
			for i, w := range c.want {
				v := got[i]
				if v.Judgement != w.judgement || v.Fault != w.fault || v.Basis != w.basis || math.Abs(v.Weight-w.weight) > 1e-9 || !strings.Contains(v.Reason, w.reason) {
					t.Errorf("step %d is %+v, want %+v", i+1, v, w)
				}
				if v.Step != i+1 || (v.Reason == "") != (v.Judgement == blame.Unjudged) || v.Weight < 0 || v.Weight > 1 {
					t.Errorf("step %d: %+v", i+1, v)
				}
				if teaches := v.Judgement == blame.Right || v.Fault == blame.Plan; v.Teaches() != teaches {
					t.Errorf("step %d teaches: %v", i+1, v.Teaches())
				}
			}
			if again := blame.Session(c.session); !reflect.DeepEqual(again, got) {
				t.Errorf("judged again: %+v, before %+v", again, got)
			}
		})
	}
}

// A picture at twice the pointer's scale on a second monitor: where the pointer is has
// to be compared with the element in the same coordinates.
func TestLandedOnAnotherMonitor(t *testing.T) {
	t.Parallel()
	step := landed(did(t, `click button "Close"`, contracts.OutcomeChanged), 1000+70, 5)
	step.Frame = contracts.Frame{Monitor: 1, OriginX: 1000, Width: 400, Height: 200, Scale: 2}
	if v := blame.Session(rated(5, "", nil, step))[0]; v.Judgement != blame.Right {
		t.Errorf("on the element: %+v", v)
	}
	step = landed(step, 1000+95, 5)
	if v := blame.Session(rated(5, "", nil, step))[0]; v.Fault != blame.Pointer {
		t.Errorf("beside the element: %+v", v)
	}
}

// A box that spans another control was read wrongly: the click hit that one.
func TestABoxOverAnotherControl(t *testing.T) {
	t.Parallel()
	step := did(t, `click button "Save"`, contracts.OutcomeChanged)
	wide := form()
	wide.Elements[0].Box = screen.Box{W: 280, H: 20} // its middle is on "Close"
	step.State.Screen = wide
	if v := blame.Session(rated(1, "", []contracts.Issue{contracts.IssueWrongAction}, marked(step, contracts.VerdictWrong)))[0]; v.Fault != blame.Eyes || !strings.Contains(v.Reason, "Close") {
		t.Errorf("%+v", v)
	}
	wide.Elements[1].Kind = screen.Text // words on a button are the button's
	if v := blame.Session(rated(1, "", nil, marked(step, contracts.VerdictWrong)))[0]; v.Fault != blame.Plan {
		t.Errorf("with a text on it: %+v", v)
	}
}
