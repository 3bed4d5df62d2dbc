package trainer

import "strings"

const (
	// leastPerTask is how many steps of a task are kept whatever its share.
	leastPerTask = 12
	// slack is how many times its even part a task may have at least: where there are few
	// tasks, none of them can have a small share.
	slack = 1.5
)

// balance leaves out the oldest steps of tasks that have more than a share of their kind.
func (s *steps) balance(share float64, c *Counts) {
	for _, kind := range []*[]Example{&s.lessons, &s.good, &s.bad} {
		before := len(*kind)
		*kind = balanced(*kind, share)
		c.OverShare += before - len(*kind)
	}
}

// balanced returns the examples without the oldest ones of each task that has more than
// the share of all that are returned; slack and leastPerTask allow for more.
func balanced(examples []Example, share float64) []Example {
	count := map[string]int{}
	for _, e := range examples {
		count[taskOf(e)]++
	}
	share = max(share, min(1, slack/float64(max(1, len(count)))))
	most := 0
	for _, n := range count {
		most = max(most, n)
	}
	for ; most > leastPerTask; most-- {
		total := 0
		for _, n := range count {
			total += min(n, most)
		}
		if float64(most) <= share*float64(total) {
			break
		}
	}
	var kept []Example
	for _, e := range examples {
		if task := taskOf(e); count[task] > most {
			count[task]--
			continue
		}
		kept = append(kept, e)
	}
	return kept
}

// taskOf is what was asked for, whatever its case and spaces.
func taskOf(e Example) string {
	return strings.ToLower(strings.Join(strings.Fields(e.State.Task), " "))
}
