package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	lmbench "github.com/grokputer/grokputer/lm/bench"
)

type benchLMCmd struct {
	Model   string   `help:"File of the base model (GGUF); the fetched one in the models folder when not given." type:"path" placeholder:"FILE"`
	Threads int      `help:"How many threads compute." default:"2" placeholder:"N"`
	Rounds  int      `help:"How often each measurement is done." default:"3" placeholder:"N"`
	Only    []string `help:"Only these measurements: first, swap, prefill, decode, step, train." placeholder:"NAME,..."`
	Quick   bool     `help:"Measure on less work: rough figures within a minute."`
	Seed    uint64   `help:"Draws the workload: the same seed draws the same one." default:"1" placeholder:"N"`
	JSON    bool     `help:"Print the result as JSON."`
}

// Run measures the engine alone.
func (cmd *benchLMCmd) Run(ctx context.Context, c *call) error {
	kinds, err := lmbench.ParseKinds(cmd.Only)
	if err != nil {
		return fmt.Errorf("only: %w", err)
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find our own program: %w", err)
	}
	o := lmbench.Options{
		Model: plannerSettings{Model: cmd.Model}.planner(c.data()).Model, Threads: cmd.Threads, Rounds: cmd.Rounds, Kinds: kinds,
		Size: lmbench.FullSize(), Seed: cmd.Seed,
		Process: lmbench.Process{Args: []string{program, "bench", "lm-child"}},
		Done: func(round int, k lmbench.Kind, out lmbench.Outcome) {
			_ = c.note("round %d  %-8s %s", round+1, k, measured(k, out))
		},
	}
	if cmd.Quick {
		o.Size = lmbench.QuickSize()
	}
	if err := o.Validate(); err != nil {
		return err
	}
	if _, err := os.Stat(o.Model); err != nil {
		return fmt.Errorf("the model is not there: %w (fetch it with: grokputer models pull)", err)
	}
	report, err := lmbench.Run(ctx, o)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(report)
	}
	return sayReport(c, kinds, report)
}

// measured is what one process measured, in a line.
func measured(k lmbench.Kind, out lmbench.Outcome) string {
	var parts []string
	for _, m := range k.Metrics() {
		parts = append(parts, fmt.Sprintf("%s %.1f", m, out.Values[m]))
	}
	return strings.Join(parts, "  ")
}

// sayReport writes the result for a person.
func sayReport(c *call, kinds []lmbench.Kind, r lmbench.Report) error {
	var rows [][]string
	for _, k := range kinds {
		for _, m := range k.Metrics() {
			s := r.Spreads[m]
			rows = append(rows, []string{string(m), fmt.Sprintf("%.2f", s.Median), fmt.Sprintf("%.2f to %.2f", s.Least, s.Most)})
		}
	}
	return errors.Join(
		c.say("%s, %s, %s, %s", r.Model, r.ISA, counted(r.Threads, "thread"), counted(r.Rounds, "round")),
		c.table([]string{"METRIC", "MEDIAN", "RANGE"}, rows),
	)
}

// benchLMChildCmd is the process that measures: `grokputer bench lm` starts it.
type benchLMChildCmd struct{}

// Run does one assignment from the standard input.
func (benchLMChildCmd) Run(ctx context.Context, c *call) error {
	return lmbench.Serve(ctx, c.in, c.out)
}
