package trainer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
)

// said makes an example of a word: kind, basis, sequence, right, wrong.
func said(t *testing.T, words string) Example {
	t.Helper()
	var kind, basis, right, wrong string
	var sequence uint64
	if _, err := fmt.Sscan(words, &kind, &basis, &sequence, &right, &wrong); err != nil {
		t.Fatal(err)
	}
	e := Example{Kind: kind, State: prompt.State{Task: "x", Screen: panel("button A", "button B", "button C")}, Source: &Source{Sequence: sequence, Basis: basis}}
	if right != "-" {
		e.Right = parse(t, `click button "`+right+`"`)
	}
	if wrong != "-" {
		a := parse(t, `click button "`+wrong+`"`)
		e.Wrong = &a
	}
	return e
}

func TestDistinct(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps, want         string
		equal, contradicted int
	}{
		"again":                              {"good stars 1 A -, good stars 2 A -, good stars 3 A -", "good3A", 2, 0},
		"two ways that are right":            {"good stars 1 A -, good stars 2 B -", "good1A good2B", 0, 0},
		"a correction and what agrees":       {"lesson correction 1 B A, good stars 2 B -, bad session 3 - A", "lesson1B", 2, 0},
		"a correction and stars against it":  {"lesson correction 1 B A, good stars 2 A -", "lesson1B", 0, 1},
		"a mark that is newer":               {"lesson correction 1 B A, good mark 2 A -", "good2A", 0, 1},
		"a mark that is older":               {"good mark 1 A -, lesson correction 2 B A", "lesson2B", 0, 1},
		"corrected again":                    {"lesson correction 1 B A, lesson correction 2 C A", "lesson2C", 0, 1},
		"corrected twice to the same":        {"lesson correction 1 B A, lesson correction 2 B A", "lesson2B", 1, 0},
		"corrected from two wrong ones":      {"lesson correction 1 B A, lesson correction 2 B C", "lesson1B lesson2B", 0, 0},
		"shown wrong, and marked right":      {"good mark 1 A -, bad session 2 - A", "good1A", 0, 1},
		"marked wrong twice":                 {"bad mark 1 - A, bad mark 2 - A", "bad2", 1, 0},
		"marked wrong, and another is right": {"bad mark 1 - A, good stars 2 B -", "good2B bad1", 0, 0},
	} {
		var s steps
		for words := range strings.SplitSeq(c.steps, ", ") {
			e := said(t, words)
			switch e.Kind {
			case KindLesson:
				s.lessons = append(s.lessons, e)
			case KindGood:
				s.good = append(s.good, e)
			default:
				s.bad = append(s.bad, e)
			}
		}
		var counts Counts
		s.distinct(&counts)
		var kept []string
		for _, list := range [][]Example{s.lessons, s.good, s.bad} {
			for _, e := range list {
				kept = append(kept, fmt.Sprintf("%s%d%s", e.Kind, e.Source.Sequence, e.Right.Target.Text))
			}
		}
		if got := strings.Join(kept, " "); got != c.want || counts.Equal != c.equal || counts.Contradicted != c.contradicted {
			t.Errorf("%s: %s, counted %+v; want %s", name, got, counts, c.want)
		}
	}
}

// What differs only in what is private says the same.
func TestDistinctAfterHiding(t *testing.T) {
	t.Parallel()
	sessions := corrections(t, "for anna@example.org", "for bob@example.com")
	sessions[1].TaskID = "other"
	d := assemble(DefaultConfig().Recipe, sessions, nil, false)
	if d.Lessons-d.Varied != 1 || d.Equal != 1 || len(d.Tasks) != 1 || d.Tasks[0] != "other" {
		t.Errorf("%+v, %v", d.Counts, d.Tasks)
	}
}

func TestBalanced(t *testing.T) {
	t.Parallel()
	tasks := func(counts ...int) (list []Example) {
		for i := 0; len(counts) > 0; i++ { // one of each in turn
			left := false
			for task, n := range counts {
				if i < n {
					left = true
					list = append(list, Example{State: prompt.State{Task: fmt.Sprintf("Task  %c", 'a'+rune(task))}, Source: &Source{Sequence: uint64(i)}})
				}
			}
			if !left {
				break
			}
		}
		return list
	}
	for name, c := range map[string]struct {
		counts []int
		share  float64
		want   []int
	}{
		"even":                 {[]int{20, 20, 20, 20}, 0.25, []int{20, 20, 20, 20}},
		"one has most":         {[]int{300, 40, 40, 40}, 0.4, []int{80, 40, 40, 40}},
		"one task":             {[]int{100}, 0.25, []int{100}},
		"two even tasks":       {[]int{50, 50}, 0.25, []int{50, 50}},
		"two tasks":            {[]int{100, 3}, 0.25, []int{leastPerTask, 3}},
		"few":                  {[]int{leastPerTask, 1}, 0.1, []int{leastPerTask, 1}},
		"no limit":             {[]int{100, 1}, 1, []int{100, 1}},
		"as much as it leaves": {[]int{100, 50, 30}, 0.5, []int{80, 50, 30}},
		"none":                 {nil, 0.25, nil},
	} {
		kept := balanced(tasks(c.counts...), c.share)
		got := make([]int, len(c.want))
		oldest := map[rune]uint64{}
		for _, e := range kept {
			task := []rune(e.State.Task)[6]
			if _, ok := oldest[task]; !ok {
				oldest[task] = e.Source.Sequence
			}
			got[task-'a']++
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		for i, n := range c.want {
			if first := oldest['a'+rune(i)]; n > 0 && first != uint64(c.counts[i]-n) {
				t.Errorf("%s: of task %d the oldest is %d: not the newest were kept", name, i, first)
			}
		}
	}
	var s steps
	for i := range 30 {
		s.good = append(s.good, Example{Kind: KindGood, State: prompt.State{Task: []string{"say it", "Say  IT"}[i%2]}})
	}
	s.good = append(s.good, tasks(1, 1, 1, 1, 1)...)
	var counts Counts
	if s.balance(0.25, &counts); len(s.good) != leastPerTask+5 || counts.OverShare != 30-leastPerTask {
		t.Errorf("%d kept, counted %+v", len(s.good), counts)
	}
}

// A session that went well a hundred times is one example of each of its steps.
func TestTheSameSessionAgain(t *testing.T) {
	t.Parallel()
	var sessions []session
	for range 100 {
		sessions = append(sessions, bundle("c", 5, contracts.VerbCompleted, step(t, 1, "done", contracts.OutcomeResult)))
	}
	if d := assemble(DefaultConfig().Recipe, sessions, nil, false); d.Good != 1 || d.Equal != 99 {
		t.Errorf("%+v", d.Counts)
	}
}
