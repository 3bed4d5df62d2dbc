package bench

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// Steps says how long whole steps took, in seconds: from the plan's beginning to after
// the screen was captured and read again. Half of them took at most P50, nine of ten P90.
type Steps struct {
	N   int     `json:"n"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
}

// wholeSteps is how long those steps took that acted on the screen and looked again.
// What gives a result at once, such as done, would make the others look quick.
func wholeSteps(steps []contracts.TaskStep) []time.Duration {
	var took []time.Duration
	for _, s := range steps {
		if s.Outcome == contracts.OutcomeChanged || s.Outcome == contracts.OutcomeUnchanged {
			took = append(took, s.Ended.Sub(s.Started))
		}
	}
	return took
}

func stepsOf(took []time.Duration) Steps {
	if len(took) == 0 {
		return Steps{}
	}
	slices.Sort(took)
	at := func(percent int) float64 { return took[(len(took)-1)*percent/100].Seconds() }
	return Steps{N: len(took), P50: at(50), P90: at(90)}
}

// Markdown is the report as a table, with what it was measured with.
func (r Report) Markdown(with string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### Tasks in desktop programs\n\n%s\n\n", with)
	fmt.Fprintf(&b, "A whole step (plan, act, capture, read) takes %.2f s in the median, nine of ten take at most %.2f s (%d steps).\n\n",
		r.Steps.P50, r.Steps.P90, r.Steps.N)
	b.WriteString("| task | n | success |\n|---|---|---|\n")
	for _, kind := range Kinds() {
		if score, ok := r.Tasks[kind.Name]; ok {
			fmt.Fprintf(&b, "| %s | %d | %d |\n", kind.Name, score.N, score.Success)
		}
	}
	return b.String()
}
