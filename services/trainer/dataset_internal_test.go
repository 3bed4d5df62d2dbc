package trainer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
	"github.com/grokputer/grokputer/services/trainer/internal/private"
)

func step(t *testing.T, n int, said string, o contracts.Outcome) contracts.BundleStep {
	t.Helper()
	return contracts.BundleStep{
		Step: n, State: prompt.State{Task: "do", Screen: panel("button A", "button B", "button C", "button D")},
		Action: parse(t, said), Outcome: o,
	}
}

func bundle(task string, rating int, outcome contracts.Verb, steps ...contracts.BundleStep) session {
	return session{contracts.Bundle{
		TaskID: task, SessionID: "session_" + task, Rating: rating, Outcome: outcome, Steps: steps,
		FeedbackID: "rating_" + task, Rated: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC),
	}, 7, contracts.RolePlanner}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	b := parse(t, `click button "B"`)
	corrected := step(t, 1, `click button "A"`, contracts.OutcomeChanged)
	corrected.Corrected = &b
	wrong := step(t, 2, `click button "A"`, contracts.OutcomeChanged)
	wrong.Verdict = contracts.VerdictWrong
	right := step(t, 3, `click button "C"`, contracts.OutcomeUnchanged)
	right.Verdict = contracts.VerdictRight
	plain, noEffect := step(t, 4, "scroll down 3", contracts.OutcomeChanged), step(t, 5, "key ctrl+s", contracts.OutcomeUnchanged)
	unknown := step(t, 6, "done", contracts.OutcomeResult)
	unknown.State = prompt.State{}
	all := []contracts.BundleStep{corrected, wrong, right, plain, noEffect, unknown}
	ocr := bundle("a", 1, contracts.VerbCompleted, all...)
	ocr.Issues = []contracts.Issue{contracts.IssueOCR}
	for name, c := range map[string]struct {
		session            session
		lessons, good, bad []int
		counts             Counts
	}{
		"rated low":              {bundle("a", 1, contracts.VerbCompleted, all...), []int{1}, []int{3}, []int{2, 5}, Counts{Untold: 1}},
		"rated low, ocr":         {ocr, []int{1}, []int{3}, nil, Counts{Faults: map[blame.Fault]int{blame.Eyes: 3}}},
		"rated well":             {bundle("a", 4, contracts.VerbCompleted, all...), []int{1}, []int{3, 4}, []int{2}, Counts{Untold: 1}},
		"rated well, but failed": {bundle("a", 5, contracts.VerbFailed, all...), []int{1}, []int{3}, []int{2}, Counts{}},
	} {
		var s steps
		var counts Counts
		s.add(c.session, 0.4, &counts)
		numbers := func(examples []Example) (n []int) {
			for _, e := range examples {
				n = append(n, e.Source.Step)
				if e.Right.Verb != "" {
					if err := e.State.Check(e.Right); err != nil {
						t.Error(err)
					}
				}
			}
			return n
		}
		if !slices.Equal(numbers(s.lessons), c.lessons) || !slices.Equal(numbers(s.good), c.good) || !slices.Equal(numbers(s.bad), c.bad) {
			t.Errorf("%s: lessons %v, good %v, bad %v", name, numbers(s.lessons), numbers(s.good), numbers(s.bad))
		}
		if got, want := fmt.Sprint(counts), fmt.Sprint(c.counts); got != want {
			t.Errorf("%s: counted %s, want %s", name, got, want)
		}
		lesson := s.lessons[0]
		if lesson.Kind != KindLesson || lesson.Right.String() != b.String() || lesson.Wrong.String() != `click button "A"` {
			t.Errorf("%s: the lesson is %+v", name, lesson)
		}
		if src := lesson.Source; src.FeedbackID != "rating_a" || src.Sequence != 7 || src.Rated.IsZero() || src.Basis != "correction" || src.Reason == "" || src.Weight <= 0 {
			t.Errorf("%s: the lesson comes from %+v", name, src)
		}
	}
	var s steps
	var counts Counts
	s.add(bundle("a", 1, contracts.VerbCompleted, noEffect), 0.7, &counts)
	if len(s.bad) != 0 || counts.Unsure != 1 {
		t.Errorf("a step that is likely to be wrong with 0.6 is taken at 0.7: %+v, %+v", s.bad, counts)
	}
}

// What is private is in no example: neither in what was told, nor in what was right or
// wrong, nor in what the explanation says was done.
func TestStepsHideWhatIsPrivate(t *testing.T) {
	t.Parallel()
	right := parse(t, `type "anna@example.org"`)
	s := step(t, 1, `type "anna@example.com"`, contracts.OutcomeChanged)
	s.State.Task, s.Corrected = "write anna@example.org into the field", &right
	half := parse(t, `type "anna@"`)
	broken := s
	broken.Step, broken.Corrected = 2, &half
	var got steps
	var counts Counts
	got.add(bundle("a", 1, contracts.VerbCompleted, s, broken), 0.5, &counts)
	body, err := json.Marshal(got.lessons)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.lessons) != 1 || bytes.Contains(body, []byte("anna")) || got.lessons[0].Right.Text != "<email-1>" || got.lessons[0].State.Task != "write <email-1> into the field" {
		t.Errorf("%s", body)
	}
	if counts.Broken != 1 || counts.Private[private.Email] != 2 {
		t.Errorf("%+v", counts)
	}
}

// A password that one step typed is in none of the others' history.
func TestStepsHideWhatAnotherTyped(t *testing.T) {
	t.Parallel()
	first := step(t, 1, `type "correct horse"`, contracts.OutcomeChanged)
	first.State.Screen = panel("text Password", "field ", "button Log in")
	first.State.Screen.Elements[1].Focused = true
	second := step(t, 2, `click button "A"`, contracts.OutcomeChanged)
	second.State.Done = []prompt.Done{{Action: `type "correct horse"`}}
	var got steps
	var counts Counts
	got.add(bundle("a", 5, contracts.VerbCompleted, first, second), 0.5, &counts)
	body, err := json.Marshal(got.good)
	if err != nil || len(got.good) != 2 || bytes.Contains(body, []byte("horse")) || !bytes.Contains(body, []byte(`"type \"\u003cpassword-1\u003e\""`)) {
		t.Errorf("%s, %v", body, err)
	}
}

// corrections are sessions of one corrected step each.
func corrections(t *testing.T, tasks ...string) []session {
	t.Helper()
	b := parse(t, `click button "B"`)
	var sessions []session
	for i, task := range tasks {
		s := step(t, 1, `click button "A"`, contracts.OutcomeChanged)
		s.State.Task, s.Corrected = "the thing of "+task+" please", &b
		from := bundle(task, 1, contracts.VerbCompleted, s)
		from.sequence = uint64(i + 1)
		sessions = append(sessions, from)
	}
	return sessions
}

func starterSteps(n int) []Example {
	replay := make([]Example, n)
	for i := range replay {
		replay[i] = Example{Kind: "press", State: prompt.State{Task: strings.Repeat("x", i+1)}, Right: action.Action{Verb: action.Done}}
	}
	return replay
}

func TestAssemble(t *testing.T) {
	t.Parallel()
	r := DefaultConfig().Recipe
	sessions := corrections(t, "a", "b")
	for i := range 10 {
		good := step(t, 1, "done", contracts.OutcomeResult)
		good.State.Task = fmt.Sprint("do ", i)
		sessions = append(sessions, bundle("c", 5, contracts.VerbCompleted, good))
	}
	wrong := step(t, 1, `click button "A"`, contracts.OutcomeChanged)
	wrong.Verdict = contracts.VerdictWrong
	sessions = append(sessions, bundle("d", 2, contracts.VerbCompleted, wrong))
	replay := starterSteps(200)
	if few, many := r.variants(5), r.variants(400); few != 60 || many != minVariants {
		t.Errorf("5 lessons get %d variants each, 400 get %d", few, many)
	}
	d := assemble(r, sessions, replay, false)
	count := map[string]int{}
	trained := map[string]bool{}
	for _, e := range d.Examples {
		if e.HeldOut {
			count["held out"]++
			continue
		}
		count[e.Kind]++
		if e.Varied {
			count["varied"]++
		}
		trained[prompt.Render(e.State)] = true
	}
	for _, e := range d.Examples {
		if e.HeldOut && trained[prompt.Render(e.State)] {
			t.Errorf("held out and trained on: %q", e.State.Task)
		}
	}
	if count[KindLesson] != d.Lessons || count["varied"] != d.Varied || count[KindGood] != d.Good || count[KindBad] != d.Bad ||
		count["press"] != d.Replay || count["held out"] != d.HeldOut {
		t.Errorf("counted %v, told %+v", count, d.Counts)
	}
	if d.Lessons < 2*8 || d.Varied != d.Lessons-2 || d.Good != 9 || d.Bad != 1 || d.Replay < r.MinReplay*8/10 || d.HeldOut < 4 {
		t.Errorf("%+v", d.Counts)
	}
	if !slices.Equal(d.Tasks, []string{"a", "b", "c", "d"}) || !slices.Equal(d.Sessions, []string{"session_a", "session_b", "session_c", "session_d"}) {
		t.Errorf("tasks %v, sessions %v", d.Tasks, d.Sessions)
	}
	if full := assemble(r, sessions, replay, true); full.Replay != 180 {
		t.Errorf("all of the starter's steps are %d, want 180 and 20 held out", full.Replay)
	}
	r.Variants = 0
	if plain := assemble(r, sessions, replay, false); plain.Lessons != 2 || plain.Varied != 0 {
		t.Errorf("without variants: %+v", plain.Counts)
	}
}

// A correction that is only half of the plan's is varied half as much.
func TestVariantsByWeight(t *testing.T) {
	t.Parallel()
	r := DefaultConfig().Recipe
	r.Variants = 8
	sure, shared := corrections(t, "abc"), corrections(t, "abc")
	shared[0].Issues = []contracts.Issue{contracts.IssueTimeout}
	if a, b := assemble(r, sure, nil, false), assemble(r, shared, nil, false); a.Varied <= b.Varied || b.Varied == 0 || b.Varied > 4 {
		t.Errorf("%d variants, and %d of one that the waiting has a part in", a.Varied, b.Varied)
	}
}

// The same events give the same file, byte for byte: whatever the order in which they
// came, how often, what came after them, and when it is written.
func TestTheSameEventsGiveTheSameFile(t *testing.T) {
	t.Parallel()
	sessions := corrections(t, "a", "b", "c", "d", "e", "f")
	for i := range sessions {
		step := &sessions[i].Steps[0]
		step.State.Task += " for anna@example.org, +49 170 1234567, 4111 1111 1111 1111 and bob@example.org"
	}
	bundles := map[uint64]session{}
	for _, s := range sessions {
		bundles[s.sequence] = s
	}
	again := sessions[2]
	again.sequence, again.FeedbackID, again.Rating = 9, "later", 2
	replay := starterSteps(80)
	write := func(rng *rand.Rand, twice bool) []byte {
		l := newLedger()
		events := append(slices.Clone(sessions), again)
		if twice {
			events = append(events, sessions...)
		}
		rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for _, s := range events {
			l.rate(s.sequence, contracts.FeedbackSubmitted{TaskID: s.TaskID, Rating: s.Rating, Steps: 1})
		}
		var known []session
		for _, e := range l.ratingsThrough(6) {
			body, err := json.Marshal(bundles[e.sequence].Bundle)
			if err != nil {
				t.Fatal(err)
			}
			s := session{sequence: e.sequence}
			if err := json.Unmarshal(body, &s.Bundle); err != nil {
				t.Fatal(err)
			}
			known = append(known, s)
		}
		path := filepath.Join(t.TempDir(), DatasetFile)
		if err := WriteExamples(path, assemble(DefaultConfig().Recipe, known, replay, false).Examples); err != nil {
			t.Fatal(err)
		}
		old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	rng := rand.New(rand.NewPCG(1, 2))
	first := write(rng, false)
	for i := range 20 {
		if !bytes.Equal(write(rng, i%2 == 0), first) {
			t.Fatal("another file came of the same events")
		}
	}
	if header := first[4:9]; !bytes.Equal(header, []byte{0, 0, 0, 0, 2}) || first[9] != 255 || first[3] != 0 { // RFC 1952: time, compression, system, flags
		t.Errorf("the header is %v: it names a time, a file or a system", first[:10])
	}
	changed := slices.Clone(sessions)
	changed[0].Steps = slices.Clone(changed[0].Steps)
	changed[0].Steps[0].State.Task += " x"
	bundles[1] = changed[0]
	if bytes.Equal(write(rng, false), first) {
		t.Error("other events gave the same file")
	}
}

func TestLedger(t *testing.T) {
	t.Parallel()
	l := newLedger()
	rate := func(sequence uint64, task string, stars int) {
		l.rate(sequence, contracts.FeedbackSubmitted{TaskID: task, Rating: stars})
	}
	rate(3, "b", 4)
	rate(1, "a", 1)
	rate(5, "a", 5)
	rate(2, "c", 2)
	rate(5, "a", 5)
	told := func(list []entry) string {
		var s strings.Builder
		for _, e := range list {
			fmt.Fprintf(&s, "%s%d@%d ", e.TaskID, e.Rating, e.sequence)
		}
		return strings.TrimSpace(s.String())
	}
	list, last := l.ratings()
	if got := told(list); got != "c2@2 b4@3 a5@5" || last != 5 {
		t.Errorf("%s, last %d", got, last)
	}
	if got := told(l.ratingsThrough(4)); got != "a1@1 c2@2 b4@3" {
		t.Errorf("through 4: %s", got)
	}
	l.forget(6, "c")
	rate(2, "c", 2) // once more, late
	rate(7, "c", 3) // and rated anew
	if got := told(l.ratingsThrough(6)); got != "b4@3 a5@5" {
		t.Errorf("after a deletion: %s", got)
	}
	if list, last := l.ratings(); told(list) != "b4@3 a5@5 c3@7" || last != 7 {
		t.Errorf("%s, last %d", told(list), last)
	}
}
