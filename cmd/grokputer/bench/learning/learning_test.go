package learning_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/learning"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// The tasks come evenly over two rounds of two and a half each, no seed twice and none of an
// evaluation, and a longer schedule begins with a shorter one.
func TestDeal(t *testing.T) {
	t.Parallel()
	tasks := miniwob.Development()
	all := learning.Deal(1, tasks, 100)
	counts, seeds := map[string]int{}, map[int64]bool{}
	for i, s := range all {
		counts[s.Task]++
		seeds[s.Seed] = true
		if s.Seed < 0 || s.Seed >= miniwob.FirstEvaluationSeed {
			t.Errorf("session %d has the seed %d", i, s.Seed)
		}
		if i == 49 {
			for _, task := range tasks {
				if n := counts[task]; n < 2 || n > 3 {
					t.Errorf("%s comes %d times in the first round", task, n)
				}
			}
		}
	}
	for _, task := range tasks {
		if counts[task] != 5 {
			t.Errorf("%s comes %d times in two rounds", task, counts[task])
		}
	}
	if len(seeds) != 100 || !slices.Equal(learning.Deal(1, tasks, 50), all[:50]) || slices.Equal(learning.Deal(2, tasks, 50), all[:50]) {
		t.Error("seeds come twice, or the schedule is not drawn by its seed alone")
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	drawn := learning.Draw(1, []string{"d", "a", "c", "b", "e"}, []string{"c"})
	if again := learning.Draw(1, []string{"a", "b", "c", "d", "e"}, []string{"c"}); !slices.Equal(drawn, again) {
		t.Errorf("%v, then %v", drawn, again)
	}
	if got := slices.Sorted(slices.Values(drawn)); !slices.Equal(got, []string{"a", "b", "d", "e"}) {
		t.Errorf("drawn %v", drawn)
	}
}

// step is one of a session on a page with buttons.
func step(t *testing.T, n int, did string, buttons ...string) contracts.BundleStep {
	t.Helper()
	a, err := action.Parse(did)
	if err != nil {
		t.Fatal(err)
	}
	s := contracts.BundleStep{Step: n, Action: a, State: prompt.State{Task: "Click button ONE, then click button TWO.", Done: make([]prompt.Done, n-1)}}
	for i, name := range buttons {
		s.State.Screen.Elements = append(s.State.Screen.Elements, screen.Element{Kind: screen.Button, Text: name, Box: screen.Box{Y: 40 * i, W: 80, H: 30}})
	}
	return s
}

func TestJudge(t *testing.T) {
	t.Parallel()
	one := step(t, 1, `click button "ONE"`, "ONE", "TWO")
	two := step(t, 2, `click button "TWO"`, "ONE", "TWO")
	wrong := step(t, 2, `click button "ONE"`, "ONE", "TWO")
	blind := step(t, 2, `click button "ONE"`, "ONE")
	off := step(t, 1, `click button "TWO"`, "TWO", "ONE")
	sightless := step(t, 1, `click button "TWO"`, "TWO")
	past := step(t, 3, `click button "ONE"`, "ONE", "TWO") // where the plan says done
	untold := step(t, 2, "done")
	untold.State = prompt.State{}
	for name, c := range map[string]struct {
		success  bool
		steps    []contracts.BundleStep
		late     int // of them came when the page was over
		stars    int
		issues   []contracts.Issue
		at       int
		right    string
		fault    string
		starless bool
	}{
		"a success":                           {success: true, steps: []contracts.BundleStep{one, two}, stars: 5},
		"the plan":                            {steps: []contracts.BundleStep{one, wrong}, stars: 1, issues: []contracts.Issue{contracts.IssueWrongAction}, at: 2, right: `click button "TWO"`, fault: "plan"},
		"the eyes":                            {steps: []contracts.BundleStep{one, blind}, stars: 1, issues: []contracts.Issue{contracts.IssueOCR}, fault: "eyes"},
		"the hands":                           {steps: []contracts.BundleStep{one, two}, stars: 1, issues: []contracts.Issue{contracts.IssueCoordination}, fault: "hands"},
		"a step when the page was over, seen": {steps: []contracts.BundleStep{one, two, past}, late: 1, stars: 1, issues: []contracts.Issue{contracts.IssueCoordination}, fault: "hands"},
		"the first wrong step of two":         {steps: []contracts.BundleStep{off, wrong}, stars: 1, issues: []contracts.Issue{contracts.IssueWrongAction}, at: 1, right: `click button "ONE"`, fault: "plan"},
		"wrong, then blind":                   {steps: []contracts.BundleStep{off, blind}, stars: 1, issues: []contracts.Issue{contracts.IssueWrongAction}, at: 1, right: `click button "ONE"`, fault: "plan"},
		"blind, then wrong":                   {steps: []contracts.BundleStep{sightless, wrong}, stars: 1, issues: []contracts.Issue{contracts.IssueOCR}, fault: "eyes"},
		"no step":                             {stars: 1, issues: []contracts.Issue{contracts.IssueCoordination}, fault: "hands"},
		"a step that is not told":             {steps: []contracts.BundleStep{one, untold}, stars: 1, issues: []contracts.Issue{contracts.IssueCoordination}, fault: "hands"},
		"stars alone":                         {steps: []contracts.BundleStep{one, wrong}, stars: 1, fault: "plan", starless: true},
	} {
		o := learning.Judge(miniwob.Episode{Task: "click-button-sequence", Session: "s", Success: c.success, Steps: len(c.steps) - c.late}, c.steps, !c.starless)
		at, right := 0, ""
		if len(o.Steps) > 0 {
			at, right = o.Steps[0].Step, o.Steps[0].Corrected.String()
		}
		if o.SessionID != "s" || o.Rating != c.stars || !slices.Equal(o.Issues, c.issues) || at != c.at || right != c.right || o.Fault != c.fault {
			t.Errorf("%s: %+v, right at %d: %s", name, o, at, right)
		}
		if less := o.WithoutCorrection(); len(less.Steps) > 0 || less.Rating != o.Rating {
			t.Errorf("%s without correction: %+v", name, less)
		}
	}
}

func settings() learning.Settings {
	return learning.Settings{Seed: 1, Tasks: []string{"a", "b"}, Sessions: 2, EvaluationSeeds: 2, Corrections: true, Others: 1, OtherSeeds: 2}
}

// A curve goes on with the same settings, and only with these.
func TestStateGoesOn(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s, err := learning.OpenState(folder, settings())
	if err != nil {
		t.Fatal(err)
	}
	r := s.Begin(0, "x")
	r.Evaluated, r.Ended = "starter", time.Now().UTC()
	s.Begin(1, "x")
	s.Begin(1, "y")
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	again, err := learning.OpenState(folder, settings())
	if err != nil || len(again.Rounds) != 2 || again.Rounds[0].Evaluated != "starter" || !slices.Equal(again.Rounds[1].Programs, []string{"x", "y"}) {
		t.Fatalf("%+v, %v", again, err)
	}
	if n := len(again.SessionsOf(2)); n != 2 {
		t.Errorf("%d sessions", n)
	}
	other := settings()
	other.Sessions, other.Recipe.LearningRate = 3, 0.5
	if _, err := learning.OpenState(folder, other); err == nil || !strings.Contains(err.Error(), "sessions was 2 and is 3; recipe.learning_rate was 0 and is 0.5: set") {
		t.Errorf("other settings: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "state.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := learning.OpenState(folder, settings()); err == nil || !strings.Contains(err.Error(), "--results") {
		t.Errorf("a damaged state: %v", err)
	}
}

func episodes(successes map[string][]bool) []miniwob.Episode {
	var list []miniwob.Episode
	for _, task := range []string{"a", "b", "other"} {
		for i, success := range successes[task] {
			list = append(list, miniwob.Episode{Task: task, Seed: miniwob.FirstEvaluationSeed + int64(i), Success: success, Steps: 2, Repeats: 1})
		}
	}
	return list
}

// The intervals are Bonett and Price's: of 20 pairs 8 gained and none lost are (9 - 1) / 22 at
// the middle.
func TestCompare(t *testing.T) {
	t.Parallel()
	before := episodes(map[string][]bool{"a": make([]bool, 10), "b": make([]bool, 11)})
	after := episodes(map[string][]bool{"a": {true, true, true, true, true, true, true, true, false, false}, "b": make([]bool, 10)})
	c := learning.Compare("x", "y", before, after)
	if c.N != 20 || c.Gained != 8 || c.Lost != 0 || math.Abs(c.Difference-0.4) > 1e-9 {
		t.Errorf("%+v", c)
	}
	if middle, half := (c.Low+c.High)/2, (c.High-c.Low)/2; math.Abs(middle-8./22) > 1e-9 || math.Abs(half-1.959964*math.Sqrt((10./22-64./484)/22)) > 1e-5 {
		t.Errorf("%v to %v", c.Low, c.High)
	}
	// For two tasks the quantile is that of 1.25 %.
	a := c.Tasks[0]
	if half := (a.High - a.Low) / 2; a.Task != "a" || a.N != 10 || math.Abs(half-2.241403*math.Sqrt((10./12-64./144)/12)) > 1e-5 && a.High < 1 {
		t.Errorf("%+v", a)
	}
	if drops := c.Drops(); len(drops) != 0 {
		t.Errorf("dropped: %+v", drops)
	}
	if drops := learning.Compare("y", "x", after, before).Drops(); len(drops) != 1 || drops[0].Task != "a" {
		t.Errorf("dropped: %+v", drops)
	}
}

// A new document has the curves' own heading.
func TestDocument(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "learning.md")
	if err := learning.Document(file).WriteSection("learning", "text\n"); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(file)
	const want = "# Learning from stars\n\nWritten by `make bench-learning`; each section says how.\n\n<!-- begin learning -->\ntext\n<!-- end learning -->\n"
	if err != nil || string(body) != want {
		t.Errorf("the file is %q, %v", body, err)
	}
}

// A curve of one round, whose version was let through, as a report.
func TestReport(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s, err := learning.OpenState(folder, settings())
	if err != nil {
		t.Fatal(err)
	}
	ratings, err := learning.OpenRatings(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ratings.Close() })
	now := time.Now().UTC()
	r := s.Begin(0, "x")
	r.Evaluated, r.Champion, r.Ended = "starter", "starter", now
	r = s.Begin(1, "x")
	r.Evaluated, r.Champion, r.Ended = "lora-v1", "lora-v1", now
	r.Training = &learning.Training{Version: "lora-v1", Let: true, State: "champion", Why: "it is better"}
	s.Begin(2, "x") // has just begun
	s.Others = []string{"other"}
	for i, session := range s.SessionsOf(1) {
		given := learning.Rating{Task: session.Task, Seed: session.Seed, Adapter: "starter", Stars: 5 - 4*i}
		if i == 1 {
			given.Fault, given.Corrected = "plan", "done"
		}
		if err := ratings.Add(given); err != nil {
			t.Fatal(err)
		}
	}
	played := func(version string, pages []string, n int) []miniwob.Episode {
		success := version == "lora-v1"
		list := episodes(map[string][]bool{"a": {success, success, success, success}, "b": {true, true, false, false}, "other": {false, success}})
		return slices.DeleteFunc(list, func(e miniwob.Episode) bool {
			return !slices.Contains(pages, e.Task) || e.Seed >= miniwob.FirstEvaluationSeed+int64(n)
		})
	}
	report := learning.ReportOf(s, ratings, played, 4, "By hand.")
	if len(report.Rounds) != 3 || report.Rounds[1].Rated.Stars != 3 || report.Rounds[1].Rated.Corrected != 1 || report.Rounds[1].Score.Rate != 1 ||
		report.First.Rate != 0.25 || report.Last.Rate != 0.75 || report.Gain.Gained != 4 || len(report.Promoted) != 1 || report.After.Success != 1 {
		t.Errorf("%+v", report)
	}
	text := report.Markdown("learning.svg")
	for _, want := range []string{
		"| 0 | starter | starter |", "| 1 | lora-v1 | lora-v1 | 3.00 | 1 of 2 | 1 | 100.0 % |", "- Round 1 (2 with starter, plan 1): lora-v1 is champion",
		"From 25.0 %", "The first training", "+50.0 points", "0 of 2 episodes before, 1 of 2 after", "| a | 0/2 | 2/2 | 0/4 | 4/4 |", "![success",
	} {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "other |") {
		t.Errorf("a page that nobody looks at is named:\n%s", text)
	}
	var picture bytes.Buffer
	if err := report.Plot(&picture); err != nil || !strings.Contains(picture.String(), "<svg") || !strings.Contains(picture.String(), "rated sessions") {
		t.Errorf("the plot: %v", err)
	}
}
