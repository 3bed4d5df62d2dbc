package shadow_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/trainer/gate"
	"github.com/grokputer/grokputer/services/trainer/shadow"
)

// press is the action that types a letter.
func press(letter string) action.Action { return action.Action{Verb: action.Type, Text: letter} }

// step is one at which a letter was typed, when asked for a task.
func step(task, letter string) contracts.BundleStep {
	return contracts.BundleStep{
		Step: 1, State: prompt.State{Task: task}, Action: press(letter), Outcome: contracts.OutcomeChanged,
	}
}

// marked is a step that the person spoke of.
func marked(s contracts.BundleStep, v contracts.Verdict) contracts.BundleStep {
	s.Verdict = v
	return s
}

// corrected is a step of which the person said what would have been right.
func corrected(s contracts.BundleStep, letter string) contracts.BundleStep {
	right := press(letter)
	s.Corrected, s.Verdict = &right, contracts.VerdictWrong
	return s
}

// session was rated on that day, with these steps.
func session(id string, day, rating int, steps ...contracts.BundleStep) contracts.Bundle {
	for i := range steps {
		steps[i].Step = i + 1
	}
	return contracts.Bundle{
		SessionID: id, Outcome: contracts.VerbCompleted, Rating: rating, Steps: steps,
		Rated: time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC),
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	untold := marked(step("", "a"), contracts.VerdictRight)
	same := corrected(step("same", "a"), "a")
	idle := step("idle", "i")
	idle.Outcome = contracts.OutcomeUnchanged // 60 % sure that it was wrong
	j := shadow.Judge([]contracts.Bundle{
		session("old", 1, 5, step("get a", "a"), step("get b", "b")),
		session("new", 2, 1, marked(step("get a", "a"), contracts.VerdictWrong), corrected(step("get c", "a"), "c"), step("get d", "d"),
			marked(step("get e", "e"), contracts.VerdictWrong)),
		session("late", 4, 5, step("get e", "e")), // stars do not outweigh what was said of the step
		session("odd", 3, 1, untold, same, idle),
		{
			SessionID: "eyes", Outcome: contracts.VerbCompleted, Rating: 1, Issues: []contracts.Issue{contracts.IssueOCR},
			Steps: []contracts.BundleStep{marked(step("read", "x"), contracts.VerdictWrong)},
		},
	}, 0.7)
	var got []string
	for _, s := range j.Steps {
		got = append(got, fmt.Sprintf("%s/%d right=%v corrected=%v", s.SessionID, s.Step, s.Right, s.Corrected != nil))
	}
	// What the person said of "get a" takes the place of the stars of the day before.
	want := []string{"new/1 right=false corrected=false", "new/2 right=false corrected=true", "new/4 right=false corrected=false", "old/2 right=true corrected=false"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the steps are %v, want %v", got, want)
	}
	if j.Unjudged != 3 || j.Others != 1 || j.Untold != 1 || j.Repeated != 2 {
		t.Errorf("%+v", j)
	}
}

// steps are two right ones, a wrong one and a corrected one, each in a session of its name.
func steps() []shadow.Step {
	return shadow.Judge([]contracts.Bundle{
		session("r1", 9, 5, marked(step("get a", "a"), contracts.VerdictRight)),
		session("r2", 8, 5, marked(step("get b", "b"), contracts.VerdictRight)),
		session("w", 7, 1, marked(step("get c", "x"), contracts.VerdictWrong)),
		session("c", 6, 1, corrected(step("get d", "x"), "d")),
	}, 0.5).Steps
}

// says is a planner that types what it is given for a task, and counts how often it is asked.
func says(letters map[string]string, asked *int) shadow.Planner {
	return func(_ context.Context, s prompt.State, most int) (string, error) {
		*asked++
		if most != len(press("a").String())+1 {
			return "", fmt.Errorf("an answer may have %d tokens", most)
		}
		letter, ok := letters[s.Task]
		if !ok {
			return "", shadow.ErrTooLong
		}
		return press(letter).String(), nil
	}
}

// counts are both, gained, lost and neither of each set.
func counts(scores []shadow.Score) map[gate.Name][4]int {
	found := map[gate.Name][4]int{}
	for _, s := range scores {
		found[s.Name] = [4]int{s.Both, s.Gained, s.Lost, s.Neither}
	}
	return found
}

func TestReplay(t *testing.T) {
	t.Parallel()
	asked := 0
	candidate := shadow.Version{
		Name: "v2", Sessions: map[string]bool{"c": true},
		Planner: says(map[string]string{"get a": "a", "get b": "x", "get c": "y", "get d": "d"}, &asked),
	}
	other := shadow.Version{
		Name: "v1", Sessions: map[string]bool{"r1": true},
		Planner: says(map[string]string{"get a": "a", "get b": "b", "get c": "x", "get d": "y"}, &asked),
	}
	for name, c := range map[string]struct {
		against  *shadow.Version
		all, new map[gate.Name][4]int
		changes  []shadow.Change
	}{
		"what was done": {
			nil,
			map[gate.Name][4]int{shadow.Right: {1, 0, 1, 0}, shadow.Wrong: {0, 2, 0, 0}, shadow.Corrected: {0, 1, 0, 0}},
			map[gate.Name][4]int{shadow.Right: {1, 0, 1, 0}, shadow.Wrong: {0, 1, 0, 0}, shadow.Corrected: {}},
			[]shadow.Change{
				{"r2", 1, shadow.Right, false, false}, {"w", 1, shadow.Wrong, true, false},
				{"c", 1, shadow.Wrong, true, true}, {"c", 1, shadow.Corrected, true, true},
			},
		},
		"another version": {
			&other,
			map[gate.Name][4]int{shadow.Right: {1, 0, 1, 0}, shadow.Wrong: {1, 1, 0, 0}, shadow.Corrected: {0, 1, 0, 0}},
			map[gate.Name][4]int{shadow.Right: {0, 0, 1, 0}, shadow.Wrong: {0, 1, 0, 0}, shadow.Corrected: {}},
			[]shadow.Change{
				{"r2", 1, shadow.Right, false, false}, {"w", 1, shadow.Wrong, true, false}, {"c", 1, shadow.Corrected, true, true},
			},
		},
	} {
		r, err := shadow.Replay(t.Context(), steps(), shadow.Options{Candidate: candidate, Against: c.against})
		if err != nil {
			t.Fatal(err)
		}
		if got := counts(r.All); !reflect.DeepEqual(got, c.all) {
			t.Errorf("%s: all %v, want %v", name, got, c.all)
		}
		if got := counts(r.New); !reflect.DeepEqual(got, c.new) {
			t.Errorf("%s: new %v, want %v", name, got, c.new)
		}
		if !reflect.DeepEqual(r.Changes, c.changes) {
			t.Errorf("%s: %v, want %v", name, r.Changes, c.changes)
		}
		low, high := r.All[0].Interval()
		if s := r.All[0]; s.Candidate != 0.5 || s.Against != 1 || s.Difference != -0.5 || s.Low != low || s.High != high || r.Measured != 4 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// What was asked is not asked again, whether the replay came to its end or not, and a torn
// line of the file costs that answer alone.
func TestReplayGoesOn(t *testing.T) {
	t.Parallel()
	folder, asked := t.TempDir(), 0
	replay := func(ctx context.Context, stopAt int) (shadow.Report, error) {
		answers, err := shadow.OpenAnswers(folder, "model", "adapter")
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := answers.Close(); err != nil {
				t.Error(err)
			}
		}()
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		v := shadow.Version{Name: "v", Answers: answers, Planner: says(map[string]string{"get a": "a", "get b": "b", "get c": "y"}, &asked)}
		return shadow.Replay(ctx, steps(), shadow.Options{Candidate: v, Progress: func(done, of int) {
			if of != 4 {
				t.Errorf("%d of %d", done, of)
			}
			if done == stopAt {
				cancel(errStop)
			}
		}})
	}
	r, err := replay(t.Context(), 2)
	if !errors.Is(err, errStop) || r.Measured != 2 || r.Steps != 4 || asked != 2 || r.All[0].Both != 2 {
		t.Fatalf("interrupted: %v, %+v after %d questions", err, r, asked)
	}
	if r, err = replay(t.Context(), 0); err != nil || r.Measured != 3 || r.Known != 2 || r.TooLong != 1 || asked != 4 {
		t.Fatalf("once more: %v, %+v after %d questions", err, r, asked)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	body, err := os.ReadFile(files[0])
	if err != nil || strings.Contains(string(body), "get a") || strings.Contains(string(body), "type") {
		t.Fatalf("the file tells what was said: %s, %v", body, err)
	}
	if err := os.WriteFile(files[0], body[:len(body)-9], 0o600); err != nil { // within the last line
		t.Fatal(err)
	}
	for _, want := range []int{5, 5} {
		if r, err = replay(t.Context(), 0); err != nil || r.Measured != 3 || r.TooLong != 1 || asked != want {
			t.Fatalf("after a torn line: %v, %+v after %d questions, want %d", err, r, asked, want)
		}
	}
}

var errStop = errors.New("stop")

// Other weights, and the base alone, are asked by themselves.
func TestAnswersAreOfOneVersion(t *testing.T) {
	t.Parallel()
	folder, asked := t.TempDir(), 0
	for i, of := range [][2]string{{"m", "a"}, {"m", "b"}, {"n", "a"}, {"m", ""}, {"m", "a"}} {
		answers, err := shadow.OpenAnswers(folder, of[0], of[1])
		if err != nil {
			t.Fatal(err)
		}
		v := shadow.Version{Name: "v", Answers: answers, Planner: says(map[string]string{"get a": "a"}, &asked)}
		if _, err := shadow.Replay(t.Context(), steps()[:1], shadow.Options{Candidate: v}); err != nil {
			t.Fatal(err)
		}
		if want := min(i+1, 4); asked != want {
			t.Errorf("%v: %d questions, want %d", of, asked, want)
		}
		if err := answers.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReplayFails(t *testing.T) {
	t.Parallel()
	broken := func(context.Context, prompt.State, int) (string, error) { return "", errStop }
	_, err := shadow.Replay(t.Context(), steps(), shadow.Options{Candidate: shadow.Version{Name: "v2", Planner: broken}})
	if !errors.Is(err, errStop) || !strings.Contains(err.Error(), "ask v2 what it does at step 1 of r1") {
		t.Error(err)
	}
}
