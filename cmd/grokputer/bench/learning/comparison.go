package learning

import (
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// Comparison is how two versions did on the same pages.
type Comparison struct {
	From string `json:"from"`
	To   string `json:"to"`
	N    int    `json:"n"`
	// Gained are the episodes that only To did, Lost those that only From did.
	Gained int `json:"gained"`
	Lost   int `json:"lost"`
	// Difference is To's part of successes less From's, Low to High its 95 % interval (Bonett
	// and Price, paired).
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	// Tasks are the same by task; the intervals hold for all tasks at once with 95 %
	// (Bonferroni).
	Tasks []TaskComparison `json:"tasks,omitempty"`
}

// TaskComparison is a task's part of a Comparison.
type TaskComparison struct {
	Task       string  `json:"task"`
	N          int     `json:"n"`
	Gained     int     `json:"gained"`
	Lost       int     `json:"lost"`
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
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
	c := Comparison{From: from, To: to, N: all.N(), Gained: all.Gained, Lost: all.Lost, Difference: all.Difference()}
	c.Low, c.High = all.IntervalAt(quantile(1))
	for _, name := range names {
		t := tasks[name]
		low, high := t.IntervalAt(quantile(len(names)))
		c.Tasks = append(c.Tasks, TaskComparison{
			Task: name, N: t.N(), Gained: t.Gained, Lost: t.Lost, Difference: t.Difference(), Low: low, High: high,
		})
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
