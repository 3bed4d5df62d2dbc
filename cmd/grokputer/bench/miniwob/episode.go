package miniwob

import (
	"github.com/grokputer/grokputer/contracts"
)

// Episode is one task that was played with one seed.
type Episode struct {
	Task string `json:"task"`
	Seed int64  `json:"seed"`
	// With says what played it: planner, adapter, scale and program. Episodes of
	// others are not mixed.
	With string `json:"with"`
	Goal string `json:"goal"`
	// Adapter is what the agent said that it planned with.
	Adapter string `json:"adapter"`

	Success bool `json:"success"`
	// Reward is the page's raw one; nil when it gave none.
	Reward *float64 `json:"reward"`
	// Steps are the agent's actions, and Seconds the time from its start to the
	// end of the last of them.
	Steps   int     `json:"steps"`
	Seconds float64 `json:"seconds"`
	// Repeats are the clicks that were the same as the step before, on the same screen.
	Repeats int `json:"repeats,omitempty"`
	// Ending, Code and Reason are how the task ended on the bus. The bench itself
	// cancels it when the page has given its reward.
	Ending  contracts.Verb   `json:"ending"`
	Code    contracts.Reason `json:"code,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	Session string           `json:"session"`
	// Fault is what the episode failed for: eyes, plan or hands.
	Fault string `json:"fault,omitempty"`
}

// TaskScore is how the episodes of a task went.
type TaskScore struct {
	N       int `json:"n"`
	Success int `json:"success"` // how many of them
	// Rate is Success/N, and Low to High its 95 % interval (Wilson).
	Rate float64 `json:"rate"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Faults counts the failures by what they are due to.
	Faults map[string]int `json:"faults,omitempty"`
	// Steps is the mean of the episodes, and SecondsPerStep that of all steps.
	Steps          float64 `json:"steps"`
	SecondsPerStep float64 `json:"seconds_per_step"`
}

// Result is how all episodes went.
type Result struct {
	Tasks map[string]TaskScore `json:"tasks"`
	// Mean is the mean of the tasks' rates.
	Mean    float64 `json:"mean"`
	Adapter string  `json:"adapter"` // what the agent said that it planned with
	Planner string  `json:"planner"`
	Scale   int     `json:"scale"`
}

// Summarise counts episodes.
func Summarise(episodes []Episode) Result {
	result := Result{Tasks: map[string]TaskScore{}}
	seconds := map[string]float64{}
	for _, e := range episodes {
		result.Adapter = e.Adapter
		score := result.Tasks[e.Task]
		score.N++
		if e.Success {
			score.Success++
		}
		if e.Fault != "" {
			if score.Faults == nil {
				score.Faults = map[string]int{}
			}
			score.Faults[e.Fault]++
		}
		score.Steps += float64(e.Steps)
		seconds[e.Task] += e.Seconds
		result.Tasks[e.Task] = score
	}
	for task, score := range result.Tasks {
		if score.Steps > 0 {
			score.SecondsPerStep = seconds[task] / score.Steps
		}
		score.Steps /= float64(score.N)
		score.Rate = float64(score.Success) / float64(score.N)
		score.Low, score.High = Wilson(score.Success, score.N)
		result.Tasks[task] = score
		result.Mean += score.Rate / float64(len(result.Tasks))
	}
	return result
}
