package learning

import (
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// Paired is how two versions did on the same episodes.
type Paired struct {
	N int `json:"n"`
	// Gained are the episodes that only the later did, Lost those that only the earlier did.
	Gained int `json:"gained"`
	Lost   int `json:"lost"`
	// Difference is the later's part of successes less the earlier's, Low to High its interval
	// (Bonett and Price, paired).
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// pairedOf has one of so many intervals that all hold together with 95 % (Bonferroni).
func pairedOf(s gate.Set, intervals int) Paired {
	p := Paired{N: s.N(), Gained: s.Gained, Lost: s.Lost, Difference: s.Difference()}
	p.Low, p.High = s.IntervalAt(quantile(intervals))
	return p
}

// Comparison is how two versions did on the same pages.
type Comparison struct {
	From string `json:"from"`
	To   string `json:"to"`
	Paired

	// Tasks are the same by task; the intervals hold for all tasks at once with 95 %.
	Tasks []TaskComparison `json:"tasks,omitempty"`
}

// TaskComparison is a task's part of a Comparison.
type TaskComparison struct {
	Task string `json:"task"`
	Paired
}

// level is the part of intervals that miss what they are about.
const level = 0.05

// Compare pairs the episodes of two versions by page and seed. Those that only one has
// played do not count.
func Compare(from, to string, before, after []miniwob.Episode) Comparison {
	type page struct {
		task string
		seed int64
	}
	earlier := map[page]bool{}
	for _, e := range before {
		earlier[page{e.Task, e.Seed}] = e.Success
	}
	var all gate.Set
	tasks := map[string]gate.Set{}
	var names []string
	for _, e := range after {
		success, ok := earlier[page{e.Task, e.Seed}]
		if !ok {
			continue
		}
		if !slices.Contains(names, e.Task) {
			names = append(names, e.Task)
		}
		all = all.With(success, e.Success)
		tasks[e.Task] = tasks[e.Task].With(success, e.Success)
	}
	c := Comparison{From: from, To: to, Paired: pairedOf(all, 1)}
	for _, name := range names {
		c.Tasks = append(c.Tasks, TaskComparison{Task: name, Paired: pairedOf(tasks[name], len(names))})
	}
	return c
}

// quantile is that of the standard normal distribution for one of so many two-sided intervals
// that all hold together with 95 %.
func quantile(intervals int) float64 {
	return distuv.UnitNormal.Quantile(1 - level/2/float64(max(1, intervals)))
}

// worst is how much of its successes a task may have lost between two promoted versions, shown
// beyond doubt, before that counts against the agent.
const worst = -0.03

// Drops are the tasks that lost more than 3 points, with all of the interval.
func (c Comparison) Drops() []TaskComparison {
	return slices.DeleteFunc(slices.Clone(c.Tasks), func(t TaskComparison) bool { return t.High >= worst })
}
